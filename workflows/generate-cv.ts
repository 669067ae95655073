import type { InputOf } from '../job-types/contract/job-type.js';
import type { JobArgs } from './frame/messages.js';
import { runJob } from './frame/run-job.js';
import { policies } from './policies.js';

type Type = typeof import('../job-types/generate-cv.js').generateCv;

export const generateCv = (job: JobArgs<InputOf<Type>>) =>
  runJob<Type>(job, async (input, { owner, step }) => {
    const { applicationId } = input;
    const written = await step('write', ({ writeCv }) => writeCv({ ...input, owner }), {
      policy: policies.model,
      summary: `Write a CV by ${input.model ?? 'the default model'}`,
      counts: ({ markdown }) => `${markdown.length} characters`,
    });
    const { title, markdown, mayBeUnverifiable, provider, notes } = written;
    const document = { owner, applicationId, kind: 'cv', title, markdown, provider, notes } as const;
    const saved = await step('save', ({ saveDocument }) => saveDocument(document), {
      policy: policies.save,
      summary: 'Save the CV',
      effect: true,
      counts: ({ version }) => `version ${version}`,
    });
    return { ...saved, markdown, mayBeUnverifiable, provider, notes };
  });
