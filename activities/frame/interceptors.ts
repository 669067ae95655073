import { type Context, log } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure, defaultPayloadConverter } from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import type { HeldAtBudget, PresentBudget } from '../../job-types/contract/budget.js';
import { budgetHeader, ownerHeader, runHeader } from '../../job-types/contract/run-header.js';
import { RunEnded } from '../../store/receipts.js';
import { Attempt, type AttemptDependencies } from './attempt.js';
import { toApplicationFailure } from './classify.js';
import { BudgetReached, HeldTooLong } from './over-budget.js';
import { runInStep } from './step.js';
import type { UnderWay } from './under-way.js';

export interface StepDependencies extends AttemptDependencies {
  underWay: Pick<UnderWay, 'begin'>;
}

/**
 * One place for what every activity needs: the heartbeat timer, the step's context, its events, and the classification
 * of what it throws. A stopped step returns what it had (see `Stopped`). So does one whose budget is used up
 * (`OverBudget`) or held by others (`HeldAtBudget`). Time-outs and shutdowns throw.
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
    const attempt = new Attempt(this.context, {
      ...this.dependencies,
      continues: told<string>(input, runHeader),
      budget: told<PresentBudget>(input, budgetHeader),
      owner: told<string>(input, ownerHeader),
    });
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
      if (error instanceof HeldTooLong) return { heldAtBudget: true } satisfies HeldAtBudget;
      // What comes of it is for the frame to say, which may ask a person.
      if (error instanceof BudgetReached) return attempt.overBudget(error);
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

/** What the frame says to its activities besides what they are given; null where it says nothing. */
function told<T>({ headers }: ActivityExecuteInput, name: string): T | null {
  const payload = headers[name];
  return payload ? defaultPayloadConverter.fromPayload<T>(payload) : null;
}

/**
 * A person's cancel, by Temporal's word or by a notice. The server wants to see a time-out, a shutdown or a pause
 * thrown.
 */
const isStop = (reason: unknown, { beats }: Attempt): boolean =>
  reason instanceof CancelledFailure && reason.message === 'CANCELLED' && beats;
