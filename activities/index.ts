import type { InputFolder } from '../store/folders/input-folder.js';
import type { OutputFolder } from '../store/folders/output-folder.js';
import type { Texts } from '../store/texts.js';
import type { Themes } from '../store/themes.js';
import type { ResearchStore } from '../store/research.js';
import type { Stories } from '../store/stories.js';
import type { Receipts } from '../store/receipts.js';
import type { Conversations } from '../store/conversations.js';
import type { Events } from '../store/events.js';
import { createAskActivities } from './ask.js';
import { createArticleActivities } from './article.js';
import { createDocumentActivities } from './documents.js';
import { createChatActivities } from './chat.js';
import type { ArticleReader } from './providers/article/article-reader.js';
import type { Ledger } from './frame/ledger.js';
import type { RunIsOpen } from './frame/receipts.js';
import type { StepFiles } from './providers/files.js';
import type { Models } from './providers/model.js';
import type { Transcriber } from './providers/transcriber.js';
import type { WebFetcher } from './providers/web.js';
import { type PlanDependencies, createPlanActivities } from './workbook-plan.js';
import { createResearchActivities } from './research.js';
import { createStoryActivities } from './story.js';
import { type StoredNames, createTranscriptionActivities } from './transcription.js';
import { createSummaryActivities } from './summaries.js';
import { createThemeActivities } from './themes.js';
import { createVocabularyActivities } from './vocabulary.js';
import { createWordActivities } from './words.js';
import { createWritingActivities } from './writing.js';

export interface ActivityDependencies {
  web: WebFetcher;
  reader: ArticleReader;
  models: Models;
  fileNames: StoredNames;
  /** Null where none is set. */
  transcriber: Transcriber | null;
  inputFolder: InputFolder;
  outputFolder: OutputFolder;
  files: StepFiles;
  workbook: PlanDependencies['workbook'];
  texts: Texts;
  themes: Themes;
  research: ResearchStore;
  stories: Stories;
  conversations: Conversations;
  events: Pick<Events, 'said'>;
  receipts: Receipts;
  ledger: Ledger;
  isOpen: RunIsOpen;
}

/** All that a step can be made of. Names are unique, the frame's own included: they are activity types in Temporal. */
export const createActivities = (deps: ActivityDependencies) => ({
  ...createArticleActivities(deps),
  ...createAskActivities(deps),
  ...createThemeActivities(deps),
  ...createResearchActivities(deps),
  ...createStoryActivities(deps),
  ...createDocumentActivities(deps),
  ...createPlanActivities(deps),
  ...createChatActivities(deps),
  ...createSummaryActivities(deps),
  ...createVocabularyActivities(deps),
  ...createTranscriptionActivities(deps),
  ...createWordActivities(deps),
  ...createWritingActivities(deps),
});

export type Activities = ReturnType<typeof createActivities>;
