import {
  CancellationScope,
  CancelledFailure,
  ContinueAsNew,
  DeterminismViolationError,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { InputOf, JobType, ResultOf } from '../../job-types/contract/job-type.js';
import type { FinalStatus } from '../../job-types/contract/job.js';
import type { JobOutcome, JobSnapshot } from '../../job-types/contract/outcome.js';
import { archive } from './archive.js';
import { showDetails } from './current-details.js';
import { asError, ownFailure, toFailure } from './failure.js';
import { type CleanUp, runCleanUps } from './clean-up.js';
import { type Frame, createFrame } from './frame.js';
import { markStatus } from './job-status.js';
import { type JobArgs, statusQuery } from './messages.js';
import type { StepOptions } from './run-step.js';
import { closeItems } from './step-record.js';
import { waitForTurn } from './turn.js';

/**
 * The frame every job runs in. It keeps the status, turns a cancel into an orderly end, fixes the outcome and
 * archives it. Then it closes the run with exactly that outcome. The first command of a run is the first step's,
 * unless the job has a time-out or a concurrency key. If the order of commands changes here, every open run stalls
 * at its replay.
 */
export async function runJob<Type extends JobType, State = never>(
  args: JobArgs<InputOf<Type>>,
  body: (input: InputOf<Type>, frame: Frame<Type, State>) => Promise<ResultOf<Type>>,
): Promise<ResultOf<Type>> {
  const { owner, concurrencyKey: key, continued } = args;
  const state = continued?.snapshot ?? newSnapshot();
  setHandler(statusQuery, () => state);
  const deadline = deadlineOf(args);
  const { frame, cleanUps, step } = createFrame<Type, State>(args, { state, deadline });

  const outcome = await settleOutcome(state, () =>
    withDeadline(deadline, async () => {
      // One that continues another holds the key already.
      if (key !== undefined && !continued)
        await waitForTurn(state, { owner, type: workflowInfo().workflowType, key });
      state.startedAt ??= now();
      return body(args.input, frame);
    }),
  );
  if (cleanUps.length > 0) {
    const clean = (one: CleanUp, options: StepOptions<unknown>) =>
      step(one.name, (activities) => one.run(activities, outcome), options);
    await runCleanUps(cleanUps, clean);
    outcome.finishedAt = now();
  }
  if (outcome.status === 'timed_out') markStatus('timed_out');
  showDetails(state, outcome.status);
  await archive(args.owner, outcome);
  return close(outcome);
}

const newSnapshot = (): JobSnapshot => ({
  startedAt: null,
  steps: [],
  usage: null,
  output: null,
  waitingFor: [],
  answers: [],
});

/** In ms since 1970: the time of a job counts through all of its runs. */
function deadlineOf({ timeout, continued }: JobArgs<unknown>): number | null {
  if (continued) return continued.deadline;
  return timeout === undefined ? null : Date.now() + timeout * 1000;
}

/** Without a time-out there is no timer, and no command. */
const withDeadline = <T>(deadline: number | null, work: () => Promise<T>): Promise<T> =>
  deadline === null ? work() : CancellationScope.withTimeout(Math.max(deadline - Date.now(), 1), work);

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
    const result = await body();
    closeItems(state);
    return end('succeeded', { result });
  } catch (error) {
    // Failing the job would hide a bad deploy: nondeterminism has to stall the run until the code is mended.
    if (error instanceof DeterminismViolationError) throw error;
    // Another run goes on with the job.
    if (error instanceof ContinueAsNew) throw error;
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
  if (outcome.failure) throw asError(outcome.failure);
  return outcome.result as Result;
}

const now = (): string => new Date().toISOString();
