import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  DeterminismViolationError,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../../activities/index.js';
import type { InputOf, JobType, ResultOf, StepOf } from '../../job-types/contract/job-type.js';
import type { FinalStatus } from '../../job-types/contract/job.js';
import type { JobOutcome, JobSnapshot } from '../../job-types/contract/outcome.js';
import { archive } from './archive.js';
import { showDetails } from './current-details.js';
import { ownFailure, toFailure } from './failure.js';
import { type Ask, createAsk } from './answers.js';
import { markStatus } from './job-status.js';
import { type JobArgs, statusQuery } from './messages.js';
import { type StepOptions, runStep } from './run-step.js';
import { waitForTurn } from './turn.js';

export interface Frame<Type extends JobType> {
  owner: string;
  /** Runs one step and records how it goes. Throws what the body should not catch. */
  step<Value>(
    name: StepOf<Type>,
    run: (activities: Activities) => Promise<Value>,
    options: StepOptions<Value>,
  ): Promise<Value>;
  /** Waits for a person; the schema of the answer stands in the job type under the same name. */
  ask: Ask<Type>;
}

/**
 * The frame every job runs in. It keeps the status, turns a cancel into an orderly end, fixes the outcome and
 * archives it. Then it closes the run with exactly that outcome. The first command of a run is the first step's,
 * unless the job has a time-out or a concurrency key. If the order of commands changes here, every open run stalls
 * at its replay.
 */
export async function runJob<Type extends JobType>(
  args: JobArgs<InputOf<Type>>,
  body: (input: InputOf<Type>, frame: Frame<Type>) => Promise<ResultOf<Type>>,
): Promise<ResultOf<Type>> {
  const state: JobSnapshot = {
    startedAt: null,
    steps: [],
    usage: null,
    output: null,
    waitingFor: [],
    answers: [],
  };
  setHandler(statusQuery, () => state);
  const frame: Frame<Type> = {
    owner: args.owner,
    step: (name, run, options) => runStep(state, { ...options, name, run }),
    ask: createAsk<Type>(state),
  };

  const outcome = await settleOutcome(state, () =>
    withTimeout(args.timeout, async () => {
      const { owner, concurrencyKey: key } = args;
      if (key !== undefined) await waitForTurn(state, { owner, type: workflowInfo().workflowType, key });
      state.startedAt = now();
      return body(args.input, frame);
    }),
  );
  if (outcome.status === 'timed_out') markStatus('timed_out');
  showDetails(state, outcome.status);
  await archive(args.owner, outcome);
  return close(outcome);
}

/** Without a time-out there is no timer, and no command. */
const withTimeout = <T>(seconds: number | undefined, work: () => Promise<T>): Promise<T> =>
  seconds === undefined ? work() : CancellationScope.withTimeout(seconds * 1000, work);

async function settleOutcome<Result>(
  state: JobSnapshot,
  body: () => Promise<Result>,
): Promise<JobOutcome & { result: Result | null }> {
  const end = (status: FinalStatus, rest: Partial<JobOutcome & { result: Result | null }>) => ({
    ...state,
    waitingFor: [],
    status,
    result: null,
    failure: null,
    ...rest,
    finishedAt: now(),
  });
  try {
    return end('succeeded', { result: await body() });
  } catch (error) {
    // Failing the job would hide a bad deploy: nondeterminism has to stall the run until the code is mended.
    if (error instanceof DeterminismViolationError) throw error;
    if (!isCancellation(error)) return end('failed', { failure: toFailure(error) });
    // The scope of the time-out was cancelled, and the run was not.
    if (!CancellationScope.current().consideredCancelled) {
      const detail = 'The job used up its time and was stopped; clean-up ran.';
      return end('timed_out', { failure: ownFailure('job-timed-out', { detail }) });
    }
    return end('cancelled', {});
  }
}

function close<Result>(outcome: JobOutcome & { result: Result | null }): Result {
  if (outcome.status === 'cancelled') throw new CancelledFailure('cancelled');
  if (outcome.failure) {
    const { code, detail } = outcome.failure;
    throw ApplicationFailure.create({
      message: detail,
      type: code,
      nonRetryable: true,
      details: [outcome.failure],
    });
  }
  return outcome.result as Result;
}

const now = (): string => new Date().toISOString();
