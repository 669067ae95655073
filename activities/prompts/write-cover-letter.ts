import {
  type ApplicationPrompt,
  applicationData,
  emptyApplication,
  formRules,
  levelRule,
} from './application.js';
import { plainText } from '../../job-types/fields/plain-text.js';
import { asData } from './as-data.js';
import { promptVersion } from './version.js';

export interface CoverLetterPrompt extends ApplicationPrompt {
  /** The CV that goes with it; empty where there is none. */
  cv: string;
}

export function writeCoverLetterPrompt({ adaptationLevel, cv, ...application }: CoverLetterPrompt): {
  system: string;
  prompt: string;
} {
  const { rule, blocks } = applicationData(application);
  const sent = cv.trim() === '' ? null : asData('cv', plainText(cv));
  return {
    system: [
      'You write the letter with which a person applies for a job.',
      ...rule,
      ...(sent
        ? [
            `The CV that is sent with it stands between <${sent.mark}> and </${sent.mark}>. It is material like the rest.`,
          ]
        : []),
    ].join('\n'),
    prompt: [
      ...blocks,
      ...(sent ? [sent.block] : []),
      '',
      'Write the cover letter of this person for this offer.',
      levelRule(adaptationLevel),
      ...(sent ? ['Say nothing that the CV contradicts, and do not repeat it line by line.'] : []),
      'Write 250 to 400 words in the first person: why this work, what the person has done that shows it, and what comes next.',
      'Choose two or three things and tell them, rather than list everything. Use no heading but the subject, and no list.',
      ...formRules,
    ].join('\n'),
  };
}

/** What this prompt is called in the ledger. */
export const writeCoverLetterVersion = promptVersion(
  'write-cover-letter',
  [1, 2, 3, 4].flatMap((adaptationLevel) =>
    ['', 'any'].map((cv) => writeCoverLetterPrompt({ ...emptyApplication, adaptationLevel, cv })),
  ),
);
