import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  DeterminismViolationError,
  TemporalFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';
import type { Stopped } from '../activities/step.js';
import type { FinalStatus } from '../job-types/job.js';
import { asCancellation, wasCancelled } from './cancellation.js';
import { ownFailure, toFailure } from './failure.js';
import { type Wait, createInput } from './input.js';
import { markStatus } from './job-status.js';
import type { JobOutcome, JobSnapshot, StepState } from '../job-types/outcome.js';
import { type JobArgs, statusQuery } from './messages.js';
import { type Policy, policies } from './policies.js';
import { describeRun } from './current-details.js';
import { waitForTurn } from './turn.js';

export interface StepOptions<T> {
  policy: Policy;
  /** Shown beside the activity in the Temporal UI. */
  summary: string;
  /** The step writes and leaves a receipt: after a cancel, the receipt decides whether it happened. */
  effect?: true;
  /** What the step did, in numbers, for the Temporal UI: "30 words". */
  counts?: (value: T) => string;
}

export interface Frame<StepName extends string> {
  /** Runs one step and records how it goes. Throws what the body should not catch. */
  step<T>(name: StepName, options: StepOptions<T>, run: (activities: Activities) => Promise<T>): Promise<T>;
  /** Waits for a person; the schema of the answer stands in the job type under the same name. */
  waitForInput<T>(name: string, wait: Wait): Promise<T>;
}

/** How long after a local abort the cancellation itself may take; it was durable before the abort was sent. */
const cancellationGrace = '5 seconds';

/**
 * The frame every job runs in: it keeps the status, turns a cancel into an orderly end, fixes the outcome, archives it,
 * and closes the run with exactly that outcome. The first command of a run is the first step's, unless the job has a
 * time-out or a concurrency key; changing the order of commands here breaks the replay of every open run.
 */
export async function runJob<Input, StepName extends string, Result>(
  args: JobArgs<Input>,
  body: (frame: Frame<StepName>) => Promise<Result>,
): Promise<Result> {
  const state: JobSnapshot = { startedAt: null, steps: [], usage: null, output: null, waitingFor: null };
  setHandler(statusQuery, () => state);
  const frame: Frame<StepName> = {
    step: (...step) => runStep(state, ...step),
    waitForInput: createInput(state),
  };

  const outcome = await settleOutcome(state, () =>
    withTimeout(args.timeout, async () => {
      const { owner, concurrencyKey: key } = args;
      if (key !== undefined) await waitForTurn({ owner, type: workflowInfo().workflowType, key });
      state.startedAt = now();
      return body(frame);
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
      return end('timed_out', { failure: ownFailure('job-timed-out', detail) });
    }
    return end('cancelled', {});
  }
}

async function runStep<T>(
  snapshot: JobSnapshot,
  name: string,
  options: StepOptions<T>,
  run: (activities: Activities) => Promise<T>,
): Promise<T> {
  const state: StepState = {
    name,
    status: 'running',
    startedAt: now(),
    finishedAt: null,
    failure: null,
    notes: [],
    counts: null,
  };
  snapshot.steps.push(state);
  showDetails(snapshot, 'running');
  const end = (status: StepState['status']) => {
    state.status = status;
    state.finishedAt = now();
    showDetails(snapshot, 'running');
  };
  let value: T;
  try {
    value = await untilNotStopped(snapshot, name, (activityId) =>
      run(proxyActivities<Activities>({ ...options.policy, activityId, summary: options.summary })),
    );
  } catch (error) {
    if (!wasCancelled(error)) {
      state.failure = toFailure(error, name);
      end('failed');
      throw error;
    }
    const happened = options.effect ? await settle<T>(name) : null;
    if (happened === null) {
      end('cancelled');
      throw asCancellation(error);
    }
    value = happened;
  }
  absorb(snapshot, state, value);
  end('succeeded');
  if (options.counts) {
    state.counts = options.counts(value);
    showDetails(snapshot, 'running');
  }
  return value;
}

/**
 * An activity that was stopped returns what it had instead of throwing. The cancellation it was stopped for is in the
 * history already or a moment away; if it does not come, the notice was wrong and the step runs again.
 */
async function untilNotStopped<T>(
  snapshot: JobSnapshot,
  name: string,
  run: (activityId: string) => Promise<T>,
): Promise<T> {
  for (let round = 1; ; round += 1) {
    const value = await run(round === 1 ? name : `${name}~${round}`);
    if (!isStopped(value)) return value;
    snapshot.usage = value.usage ?? snapshot.usage;
    snapshot.output = value.text ? { text: value.text, step: name, attempt: value.attempt } : snapshot.output;
    await Promise.race([CancellationScope.current().cancelRequested, sleep(cancellationGrace)]);
  }
}

/** Steps tell what they cost and what a person should know in two well-known fields of what they return. */
function absorb(snapshot: JobSnapshot, state: StepState, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if ('usage' in value && value.usage) snapshot.usage = value.usage as JobSnapshot['usage'];
  if ('notes' in value && Array.isArray(value.notes)) state.notes = value.notes as string[];
}

const settle = async <T>(step: string): Promise<T | null> =>
  CancellationScope.nonCancellable(async () => {
    const { settleStep } = proxyActivities<Activities>({
      ...policies.settle,
      summary: `Did "${step}" happen?`,
    });
    try {
      return (await settleStep({ step })) as T | null;
    } catch (error) {
      // Without a database nobody can tell; the job ends cancelled, as it was asked to.
      if (error instanceof ActivityFailure) return null;
      throw error;
    }
  });

/** At once, by the worker that has just decided the outcome; where that does not work, as an activity with patience. */
const archive = (owner: string, outcome: JobOutcome): Promise<void> =>
  CancellationScope.nonCancellable(async () => {
    const { workflowType: type, startTime, memo } = workflowInfo();
    const job = { type, owner, createdAt: startTime.toISOString(), memo: memo ?? {}, outcome };
    const summary = `Archive the outcome: ${outcome.status}`;
    const atOnce = proxyLocalActivities<Activities>({ ...policies.atOnce, summary });
    const later = proxyActivities<Activities>({ ...policies.archive, activityId: 'archive', summary });
    for (const { archiveOutcome } of [atOnce, later]) {
      try {
        return await archiveOutcome(job);
      } catch (error) {
        // What a local activity throws arrives bare. The API archives what it sees closed without an archive; the
        // outcome itself is decided.
        if (!(error instanceof TemporalFailure)) throw error;
      }
    }
  });

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

function showDetails(snapshot: JobSnapshot, status: string): void {
  setCurrentDetails(describeRun(snapshot, status));
}

const isStopped = (value: unknown): value is Stopped =>
  typeof value === 'object' && value !== null && 'stopped' in value && value.stopped === true;

const now = (): string => new Date().toISOString();
