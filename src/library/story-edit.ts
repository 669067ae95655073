import { z } from 'zod';
import { StorableText } from '../../job-types/fields/storable-text.js';
import type { StoryParts } from '../../job-types/fields/story.js';
import type { StoredStory } from '../../store/stories.js';
import { Problem } from '../problems/problems.js';

/** Characters. A job is asked for some 2,000 a segment. */
const longestText = 100_000;
const mostLines = 500;

const EditedText = StorableText.trim().min(1).max(longestText);

const EditedLine = z.strictObject({
  actor: StorableText.trim().min(1).max(200),
  line: StorableText.trim().min(1).max(10_000),
});

const EditedSegment = z
  .strictObject({
    number: z.int().min(1).max(1_000),
    text: EditedText.optional(),
    lines: z.array(EditedLine).min(1).max(mostLines).optional().meta({
      description: 'Of a dialogue, instead of the text',
    }),
  })
  .meta({ id: 'StorySegmentEdit' });

/** What is left out stays as it is. */
export const StoryEdit = z
  .strictObject({
    title: StorableText.trim().min(1).max(500).optional(),
    introduction: EditedText.optional(),
    segments: z.array(EditedSegment).max(1_000).optional(),
    conclusion: EditedText.optional(),
  })
  .meta({ id: 'StoryEdit' });
export type StoryEdit = z.infer<typeof StoryEdit>;

interface Wrong {
  pointer: string;
  detail: string;
}

/** @throws {Problem} validation-failed, for parts that the story does not have, or has in another form */
export function partsIn(edit: StoryEdit, story: Pick<StoredStory, 'plan' | 'written'>): StoryParts {
  const { title, introduction, segments = [], conclusion } = edit;
  const last = story.plan.length;
  const isDialogue = new Map(story.written.map(({ number, lines }) => [number, lines !== null]));
  const parts: StoryParts = {};
  const wrong: Wrong[] = [];
  const ends = { introduction: [1, introduction], conclusion: [last, conclusion] } as const;
  for (const [name, [number, text]] of Object.entries(ends)) {
    if (text === undefined) continue;
    if (isDialogue.has(number)) parts[number] = { text, lines: null };
    else wrong.push({ pointer: `/${name}`, detail: 'is missing in this story, and cannot be edited' });
  }
  for (const [index, { number, text, lines }] of segments.entries()) {
    const say = (detail: string, field = '') => wrong.push({ pointer: `/segments/${index}${field}`, detail });
    const spoken = isDialogue.get(number);
    if (spoken === undefined) say('is no segment that this story has', '/number');
    else if (number === 1 || number === last) say('is that of the introduction or the conclusion', '/number');
    else if (parts[number]) say('stands here twice', '/number');
    else if (spoken && lines && text === undefined) parts[number] = { text: null, lines };
    else if (!spoken && text !== undefined && !lines) parts[number] = { text, lines: null };
    else say(spoken ? 'is a dialogue: it has "lines" alone' : 'is told: it has "text" alone');
  }
  if (wrong.length === 0 && title === undefined && Object.keys(parts).length === 0) {
    wrong.push({ pointer: '', detail: 'names nothing to be changed' });
  }
  if (wrong.length === 0) return parts;
  const sum = wrong.length === 1 ? 'One field is wrong.' : `${wrong.length} fields are wrong.`;
  throw new Problem('validation-failed', sum, { errors: wrong });
}
