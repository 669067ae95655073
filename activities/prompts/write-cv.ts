import {
  type ApplicationPrompt,
  applicationData,
  emptyApplication,
  formRules,
  levelRule,
} from './application.js';
import { promptVersion } from './version.js';

export function writeCvPrompt({ adaptationLevel, ...application }: ApplicationPrompt): {
  system: string;
  prompt: string;
} {
  const { rule, blocks } = applicationData(application);
  return {
    system: ['You write the CV with which a person applies for a job.', ...rule].join('\n'),
    prompt: [
      ...blocks,
      '',
      'Write the CV of this person for this offer.',
      levelRule(adaptationLevel),
      'Begin with the name as a heading of level 1 and a line with how to reach the person.',
      'Then come a profile of two or three sentences, experience, education, skills, and what else speaks for the person.',
      'Each is a heading of level 2. Keep to plain headings, lists and paragraphs, which the programs that sort CVs can read: no tables, no images, no columns.',
      'Put the latest first. Say what came of the work, with the figures of the profile.',
      ...formRules,
    ].join('\n'),
  };
}

/** What this prompt is called in the ledger. */
export const writeCvVersion = promptVersion(
  'write-cv',
  [1, 2, 3, 4].map((adaptationLevel) => writeCvPrompt({ ...emptyApplication, adaptationLevel })),
);
