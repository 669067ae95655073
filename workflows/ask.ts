import type { AskInput, AskResult, ask as type } from '../job-types/ask.js';
import type { StepOf } from '../job-types/contract/job-type.js';
import type { Answered } from '../activities/ask.js';
import type { JobArgs } from './frame/messages.js';
import { policies } from './policies.js';
import { runJob } from './frame/run-job.js';

export async function ask(job: JobArgs<AskInput>): Promise<AskResult> {
  const { input } = job;

  return runJob<AskInput, StepOf<typeof type>, AskResult>(job, async ({ step }) => {
    const { text, value, provider, finishReason } = await step(
      'answer',
      {
        policy: policies.model,
        summary: `Ask ${input.model ?? 'the default model'}`,
        counts: (answered: Answered) => `${answered.text.length} characters`,
      },
      ({ answerPrompt }) => answerPrompt(input),
    );
    return { text, value, model: provider, finishReason };
  });
}
