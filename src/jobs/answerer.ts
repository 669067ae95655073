import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { WorkflowNotFoundError, WorkflowUpdateFailedError, isGrpcServiceError } from '@temporalio/client';
import { z } from 'zod';
import { answerSchema } from '../../job-types/index.js';
import type { frameAnswers } from '../../job-types/contract/budget.js';
import { type Job, isFinal } from '../../job-types/contract/job.js';
import type { JobAnswer } from '../../workflows/frame/messages.js';
import { JobFiles } from '../files/job-files.js';
import { Problem } from '../problems/problems.js';
import { toValidationProblem } from '../problems/validation.js';
import { grpcCodes } from '../temporal/grpc-codes.js';
import { TemporalClient, behind, grpcCode, isTemporalUnavailable } from '../temporal/temporal-client.js';
import { JobReader } from '../reading/job-reader.js';

export const InputRequest = z
  .strictObject({
    name: z.string().min(1).max(100).meta({ description: "The wait's name, as in waitingFor" }),
    value: z.json().meta({ description: "As the wait's schema says" }),
    id: z
      .string()
      .min(1)
      .max(120)
      .optional()
      .meta({ description: "The wait's id; may be left out while only one wait has the name" }),
  })
  .meta({ id: 'InputRequest' });
export type InputRequest = z.infer<typeof InputRequest>;

export interface AnswerCall {
  owner: string;
  /** Public id of the API key that answers; null without keys. */
  by: string | null;
  request: InputRequest;
}

/** What is allowed under this name is spent. */
const spending: keyof typeof frameAnswers = 'budget';

/** A worker has to take the answer; one that is there does so in some ms. */
const deadlineMs = 3_000;

/** Hands a person's answer to a job that waits for it. */
@Injectable()
export class Answerer {
  constructor(
    private readonly temporal: TemporalClient,
    private readonly reader: JobReader,
    private readonly files: JobFiles,
  ) {}

  /**
   * The same answer again is the same update to Temporal, and has the same result.
   * @throws {Problem} not-waiting, several-waits, validation-failed, input-unconfirmed
   */
  async answer(jobId: string, { owner, by, request }: AnswerCall): Promise<Job> {
    const { name } = request;
    const seen = await this.reader.read(jobId, owner);
    const schema = answerSchema(seen.type, name);
    if (!schema) throw new Problem('not-waiting', `Jobs of this type never wait for "${name}".`);
    const parsed = schema.safeParse(request.value);
    if (!parsed.success) {
      throw toValidationProblem(
        parsed.error.issues.map((issue) => ({ ...issue, path: ['value', ...issue.path] })),
      );
    }
    // What was shown a moment ago may have been answered since, and the name then means another wait.
    const job = request.id === undefined ? await this.reader.fresh(jobId) : seen;
    const id = request.id ?? waitNamed(name, job);
    const answer: JobAnswer = { id, name, value: parsed.data, by };
    // Before the job has it: from then on nobody else removes what it reads. One that is over reads nothing more.
    if (!isFinal(job.status)) {
      await this.files.claimAnswer(jobId, { type: seen.type, name, value: parsed.data, owner });
    }
    const hash = createHash('sha256').update(JSON.stringify(answer.value)).digest('base64url');
    try {
      await this.temporal.callWithin(deadlineMs, (client) =>
        client.workflow.getHandle(jobId).executeUpdate<void, [JobAnswer]>('answer', {
          args: [answer],
          updateId: `${id}-${hash}`,
        }),
      );
    } catch (error) {
      throw this.explain(error, { job, id });
    }
    this.reader.forget(jobId);
    return this.reader.read(jobId, owner);
  }

  private explain(error: unknown, { job, id }: { job: Job; id: string }): unknown {
    const ended = error instanceof WorkflowNotFoundError || isFinal(job.status);
    if (ended || error instanceof WorkflowUpdateFailedError) {
      const detail = `The job does not wait for "${id}"${ended ? ', it has ended' : ''}.`;
      return new Problem('not-waiting', detail, { cause: error });
    }
    const cause = behind(error);
    if (isGrpcServiceError(cause) && grpcCode(cause) === grpcCodes.failedPrecondition) {
      // An operator has paused the run, or its workflow code fails.
      const detail = `The job takes no answer now, and this one was not applied. Temporal says: ${cause.details}`;
      return new Problem('input-unconfirmed', detail, { retryAfter: 5, cause: error });
    }
    const unconfirmed = error instanceof Error && error.name === 'WorkflowUpdateRPCTimeoutOrCancelledError';
    if (!unconfirmed && !isTemporalUnavailable(error)) return error;
    const detail = 'No worker has taken the answer yet; it may still be applied. Repeating it is safe.';
    return new Problem('input-unconfirmed', detail, { retryAfter: 5, cause: error });
  }
}

/**
 * The id of the wait that a name means. With none open, the one that was answered last: its answer given again is no
 * new one.
 * @throws {Problem} several-waits, also where an answer counts for money and may be meant for the wait before
 */
function waitNamed(name: string, { waitingFor, answers }: Job): string {
  const open = waitingFor.filter((wait) => wait.name === name).map(({ id }) => id);
  const [asked] = open;
  if (asked !== undefined && name === spending && answers.some((answer) => answer.name === name)) {
    // A repeat of the answer before would allow as much again.
    throw new Problem(
      'several-waits',
      `The job has waited for "${name}" before; now it waits for "${asked}".`,
      {
        errors: [{ pointer: '/id', detail: `"${asked}"` }],
      },
    );
  }
  if (open.length > 1) {
    const ids = open.map((id) => `"${id}"`).join(', ');
    throw new Problem('several-waits', `The job waits for "${name}" more than once: ${ids}.`, {
      errors: [{ pointer: '/id', detail: `one of ${ids}` }],
    });
  }
  return open[0] ?? answers.findLast((answer) => answer.name === name)?.id ?? name;
}
