import { ActivityNotFoundError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { failures } from '../../job-types/contract/failures.js';
import { again, makeFailure } from '../../job-types/contract/make-failure.js';
import { stepIdOf } from '../../job-types/contract/step-id.js';
import type { AttemptUnderWay } from '../../store/attempts.js';

export type CallTemporal = <T>(work: (client: Client) => Promise<T>) => Promise<T>;

/**
 * Fails an attempt whose worker has died. The task token names this attempt, so that a later one is never meant.
 * @returns whether it is over: false when Temporal could not be told
 */
export async function endAttempt(call: CallTemporal, attempt: AttemptUnderWay): Promise<boolean> {
  const { taskToken } = attempt;
  try {
    await call((client) => client.activity.fail(taskToken, workerLost(attempt)));
  } catch (error) {
    // Not found: it had ended before its worker did, or Temporal had noticed by itself.
    if (!(error instanceof ActivityNotFoundError)) return false;
  }
  await forgetWorker(call, attempt);
  return true;
}

/** The next decision of the run would otherwise wait up to 10 s for the worker that made the last one. */
async function forgetWorker(call: CallTemporal, { jobId, runId }: AttemptUnderWay): Promise<void> {
  try {
    await call(({ workflowService, options: { namespace } }) =>
      workflowService.resetStickyTaskQueue({ namespace, execution: { workflowId: jobId, runId } }),
    );
  } catch {
    // The step is tried again all the same, and the decision comes some seconds later.
  }
}

function workerLost({ activity, attempt }: AttemptUnderWay): ApplicationFailure {
  const { step, item } = stepIdOf(activity);
  const failure = makeFailure('worker-lost', failures['worker-lost'], {
    detail: `The worker that had the step has ended. ${again.yes}`,
    step,
    ...(item === null ? {} : { item }),
    attempt,
  });
  return ApplicationFailure.create({
    message: failure.detail,
    type: failure.code,
    details: [failure],
    // The pause of a policy is for what is broken; another worker is not.
    nextRetryDelay: '1 millisecond',
  });
}
