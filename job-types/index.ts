import { ask } from './ask.js';
import type { JobType } from './contract/job-type.js';
import { extractArticle } from './extract-article.js';

/** Every job type, by name. A new one is a file beside this and one line here. */
export const jobTypes: Readonly<Record<string, JobType>> = Object.fromEntries(
  [extractArticle, ask].map((type) => [type.name, type]),
);
