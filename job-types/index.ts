import type { z } from 'zod';
import { ask } from './ask.js';
import { chatReply } from './chat-reply.js';
import { frameAnswers } from './contract/budget.js';
import type { JobType } from './contract/job-type.js';
import { createStory } from './create-story.js';
import { createTheme } from './create-theme.js';
import { extractArticle } from './extract-article.js';
import { generateCoverLetter } from './generate-cover-letter.js';
import { generateCv } from './generate-cv.js';
import { researchSubject } from './research-subject.js';
import { transcribeFolder } from './transcribe-folder.js';
import { summariseFolder } from './summarise-folder.js';
import { runWorkbookPlan } from './run-workbook-plan.js';
import { translateWords } from './translate-words.js';

/** Every job type, by name. A new one is a file beside this and one line here. */
export const jobTypes = {
  ask,
  extractArticle,
  translateWords,
  createTheme,
  generateCv,
  generateCoverLetter,
  chatReply,
  researchSubject,
  createStory,
  transcribeFolder,
  summariseFolder,
  runWorkbookPlan,
} satisfies Readonly<Record<string, JobType>>;

/** A type that is registered under another name than its own does not compile. */
type UnderTheirNames<Types extends { readonly [Name in keyof Types]: { name: Name } }> = Types;
export type JobTypes = UnderTheirNames<typeof jobTypes>;

/** The job type of this name; null when there is none, as for a job whose type was taken away since. */
export const jobTypeNamed = (name: string): JobType | null => own<JobType>(jobTypes, name);

/** The schema of what a job of this type asks under this name, or the frame in any job; null when it never does. */
export const answerSchema = (type: string, name: string): z.ZodType | null => {
  const answers = jobTypeNamed(type)?.answers;
  return answers ? (own(answers, name) ?? own<z.ZodType>(frameAnswers, name)) : null;
};

/** Names come from strangers: "constructor" is a property of every object. */
const own = <Value>(record: Readonly<Record<string, Value>>, name: string): Value | null =>
  Object.hasOwn(record, name) ? (record[name] ?? null) : null;
