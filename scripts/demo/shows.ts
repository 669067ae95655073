import type { Show } from './show.js';
import { article } from './shows/article.js';
import { coverLetter, cv } from './shows/document.js';
import { folder } from './shows/folder.js';
import { recordings } from './shows/recordings.js';
import { reply } from './shows/reply.js';
import { research, story } from './shows/story.js';
import { workbook } from './shows/workbook.js';
import { theme, translation } from './shows/words.js';

/** What `npm run demo -- <type>` can show. */
const shows = [
  article,
  translation,
  theme,
  cv,
  coverLetter,
  reply,
  research,
  story,
  recordings,
  folder,
  workbook,
] as const;

/** The first is what is shown when nothing is named. */
export const usualShow: Show = article;

/** Null for what is no name of a type. */
export const showNamed = (type: string): Show | null => shows.find((show) => show.type === type) ?? null;

export const shownTypes: readonly string[] = shows.map(({ type }) => type);
