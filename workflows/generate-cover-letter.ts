import type { InputOf } from '../job-types/contract/job-type.js';
import type { JobArgs } from './frame/messages.js';
import { runJob } from './frame/run-job.js';
import { policies } from './policies.js';

type Type = typeof import('../job-types/generate-cover-letter.js').generateCoverLetter;

export const generateCoverLetter = (job: JobArgs<InputOf<Type>>) =>
  runJob<Type>(job, async (input, { owner, step }) => {
    const { applicationId } = input;
    const written = await step('write', ({ writeCoverLetter }) => writeCoverLetter({ ...input, owner }), {
      policy: policies.model,
      summary: `Write a cover letter by ${input.model ?? 'the default model'}`,
      counts: ({ markdown }) => `${markdown.length} characters`,
    });
    const { title, markdown, mayBeUnverifiable, provider, notes } = written;
    const document = { owner, applicationId, kind: 'coverLetter', title, markdown, provider, notes } as const;
    const saved = await step('save', ({ saveDocument }) => saveDocument(document), {
      policy: policies.save,
      summary: 'Save the cover letter',
      effect: true,
      counts: ({ version }) => `version ${version}`,
    });
    return { ...saved, markdown, mayBeUnverifiable, provider, notes };
  });
