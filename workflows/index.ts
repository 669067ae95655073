import type { JobTypes } from '../job-types/index.js';
import type { Complete } from './frame/registered.js';

export { ask } from './ask.js';
export { createTheme } from './create-theme.js';
export { chatReply } from './chat-reply.js';
export { extractArticle } from './extract-article.js';
export { translateWords } from './translate-words.js';
export { generateCoverLetter } from './generate-cover-letter.js';
export { researchSubject } from './research-subject.js';
export { createStory } from './create-story.js';
export { transcribeFolder } from './transcribe-folder.js';
export { summariseFolder } from './summarise-folder.js';
export { runWorkbookPlan } from './run-workbook-plan.js';
export { generateCv } from './generate-cv.js';

/** One workflow a job type, and nothing else. */
export type Workflows = Complete<JobTypes, typeof import('./index.js')>;
