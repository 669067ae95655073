import { type Context, log } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure, defaultPayloadConverter } from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { runHeader } from '../../job-types/contract/run-header.js';
import { RunEnded } from '../../store/receipts.js';
import { Attempt, type AttemptDependencies } from './attempt.js';
import { toApplicationFailure } from './classify.js';
import { runInStep } from './step.js';
import type { UnderWay } from './under-way.js';

export interface StepDependencies extends AttemptDependencies {
  underWay: Pick<UnderWay, 'begin'>;
}

/**
 * One place for what every activity needs: the heartbeat timer, the step's context, its events, and the classification
 * of what it throws. A stopped step returns what it had (see `Stopped`); time-outs and shutdowns throw.
 */
export class StepInterceptor implements ActivityInboundCallsInterceptor {
  constructor(
    private readonly context: Context,
    private readonly dependencies: StepDependencies,
  ) {}

  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    const attempt = new Attempt(this.context, { ...this.dependencies, continues: continuedBy(input) });
    const noteEnd = this.noteBeginning(attempt);
    try {
      attempt.event('step.started');
      const result = await runInStep(attempt, () => next(input));
      attempt.event('step.succeeded', attempt.reused ? { reused: true } : {});
      return result;
    } catch (error) {
      if (attempt.signal.aborted) {
        const reason: unknown = attempt.signal.reason;
        if (isStop(reason, attempt)) return attempt.stopped();
        throw reason;
      }
      const { name: step, item } = attempt;
      const failure =
        error instanceof ApplicationFailure
          ? error
          : toApplicationFailure(error, { step, item, attempt: attempt.attempt });
      // It has not failed: the end of its job came first, and that is told.
      if (!(error instanceof RunEnded)) attempt.event('step.failed', { failure: failure.details?.[0] });
      if (failure.type === 'internal-error') log.error('A step failed unexpectedly', { error });
      throw failure;
    } finally {
      await attempt.end();
      noteEnd();
    }
  }

  /** Local activities are part of a workflow task, of which Temporal knows no attempts. */
  private noteBeginning({ jobId, presentRunId: runId, activity, attempt }: Attempt): () => void {
    const { isLocal, taskToken } = this.context.info;
    if (isLocal) return () => undefined;
    return this.dependencies.underWay.begin({ jobId, runId, activity, attempt, taskToken });
  }
}

/** The run that the activity's own continues; null for the first one of a job. */
function continuedBy({ headers }: ActivityExecuteInput): string | null {
  const payload = headers[runHeader];
  return payload ? defaultPayloadConverter.fromPayload<string>(payload) : null;
}

/**
 * A person's cancel, by Temporal's word or by a notice. The server wants to see a time-out, a shutdown or a pause
 * thrown.
 */
const isStop = (reason: unknown, { beats }: Attempt): boolean =>
  reason instanceof CancelledFailure && reason.message === 'CANCELLED' && beats;
