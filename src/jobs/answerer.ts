import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { z } from 'zod';
import { answerSchema } from '../../job-types/index.js';
import { type Job, isFinal } from '../../job-types/contract/job.js';
import type { JobAnswer } from '../../workflows/frame/messages.js';
import { Problem } from '../problems/problems.js';
import { toValidationProblem } from '../problems/validation.js';
import { TemporalClient, isTemporalUnavailable } from '../temporal/temporal-client.js';
import { JobReader } from '../reading/job-reader.js';

export const InputRequest = z
  .strictObject({
    name: z.string().min(1).max(100).meta({ description: "The wait's name, as in waitingFor" }),
    value: z.json().meta({ description: 'As waitingFor.schema says' }),
  })
  .meta({ id: 'InputRequest' });
export type InputRequest = z.infer<typeof InputRequest>;

/** A worker has to take the answer; one that is there does so in some ms. */
const deadlineMs = 3_000;

/** Hands a person's answer to a job that waits for it. */
@Injectable()
export class Answerer {
  constructor(
    private readonly temporal: TemporalClient,
    private readonly reader: JobReader,
  ) {}

  /**
   * The same answer again is the same update to Temporal, and has the same result.
   * @throws {Problem} not-waiting, validation-failed, input-unconfirmed
   */
  async answer(jobId: string, { owner, request }: { owner: string; request: InputRequest }): Promise<Job> {
    const job = await this.reader.read(jobId, owner);
    const schema = answerSchema(job.type, request.name);
    if (!schema) throw new Problem('not-waiting', `Jobs of this type never wait for "${request.name}".`);
    const parsed = schema.safeParse(request.value);
    if (!parsed.success) {
      throw toValidationProblem(
        parsed.error.issues.map((issue) => ({ ...issue, path: ['value', ...issue.path] })),
      );
    }
    const answer: JobAnswer = { name: request.name, value: parsed.data };
    const hash = createHash('sha256').update(JSON.stringify(answer.value)).digest('base64url');
    try {
      await this.temporal.call(
        (client) =>
          client.workflow.getHandle(jobId).executeUpdate<void, [JobAnswer]>('answer', {
            args: [answer],
            updateId: `${request.name}-${hash}`,
          }),
        deadlineMs,
      );
    } catch (error) {
      throw this.explain(error, { job, name: request.name });
    }
    this.reader.forget(jobId);
    return this.reader.read(jobId, owner);
  }

  private explain(error: unknown, { job, name }: { job: Job; name: string }): unknown {
    const ended = error instanceof WorkflowNotFoundError || isFinal(job.status);
    if (ended || error instanceof WorkflowUpdateFailedError) {
      return new Problem(
        'not-waiting',
        `The job does not wait for "${name}"${ended ? ', it has ended' : ''}.`,
        {
          cause: error,
        },
      );
    }
    const unconfirmed = error instanceof Error && error.name === 'WorkflowUpdateRPCTimeoutOrCancelledError';
    if (!unconfirmed && !isTemporalUnavailable(error)) return error;
    const detail = 'No worker has taken the answer yet; it may still be applied. Repeating it is safe.';
    return new Problem('input-unconfirmed', detail, { retryAfter: 5, cause: error });
  }
}
