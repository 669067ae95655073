import type { InputOf } from '../job-types/contract/job-type.js';
import type { JobArgs } from './frame/messages.js';
import { runJob } from './frame/run-job.js';
import { policies } from './policies.js';

type Type = typeof import('../job-types/ask.js').ask;

export const ask = (job: JobArgs<InputOf<Type>>) =>
  runJob<Type>(job, async (input, { owner, step }) => {
    const answered = await step('answer', ({ answerPrompt }) => answerPrompt({ ...input, owner }), {
      policy: policies.model,
      summary: `Ask ${input.model ?? 'the default model'}`,
      counts: ({ text }) => `${text.length} characters`,
    });
    const { text, value, provider: model, finishReason } = answered;
    return { text, value, model, finishReason };
  });
