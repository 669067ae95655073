import { CancellationScope, TemporalFailure, isCancellation } from '@temporalio/workflow';
import type { InputOf } from '../job-types/contract/job-type.js';
import { toFailure } from './frame/failure.js';
import type { Frame } from './frame/frame.js';
import type { JobArgs } from './frame/messages.js';
import { runJob } from './frame/run-job.js';
import { policies } from './policies.js';

type Type = typeof import('../job-types/chat-reply.js').chatReply;

export const chatReply = (job: JobArgs<InputOf<Type>>) =>
  runJob<Type>(job, async (input, { owner, step }) => {
    const { conversation } = input;
    try {
      const reply = await step('reply', ({ writeReply }) => writeReply({ ...input, owner }), {
        policy: policies.model,
        summary: `Reply in ${conversation}`,
        counts: ({ text }) => `${text.length} characters`,
      });
      const { text, finishReason, provider: model } = reply;
      const { message } = await step('save', ({ saveReply }) => saveReply({ text, finishReason, model }), {
        policy: policies.save,
        summary: `Save the reply in ${conversation}`,
        effect: true,
      });
      return { conversation, message, text, model, finishReason };
    } catch (error) {
      if (error instanceof TemporalFailure) await keepUnfinished(error, step);
      throw error;
    }
  });

/** So that the conversation tells what came of the reply, and the next one knows what was said. */
const keepUnfinished = (error: TemporalFailure, step: Frame<Type, never>['step']): Promise<void> =>
  CancellationScope.nonCancellable(async () => {
    const failure = isCancellation(error) ? null : toFailure(error, 'reply');
    try {
      await step('save', (activities) => activities.keepUnfinished({ failure }), {
        policy: policies.cleanUp,
        summary: failure ? 'Note that there is no reply' : 'Save what was said',
      });
    } catch (notKept) {
      // The next reply of the conversation finds in the log what was said.
      if (!(notKept instanceof TemporalFailure)) throw notKept;
    }
  });
