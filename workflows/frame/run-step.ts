import { ActivityFailure, CancellationScope, proxyActivities, sleep } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.js';
import type { FrameActivities } from '../../activities/frame/own.js';
import type { Stopped } from '../../activities/frame/step.js';
import type { JobSnapshot, StepState } from '../../job-types/contract/outcome.js';
import { asCancellation, wasCancelled } from './cancellation.js';
import { showDetails } from './current-details.js';
import { toFailure } from './failure.js';
import { type Policy, framePolicies } from './policies.js';

export interface StepOptions<Value> {
  policy: Policy;
  /** Shown beside the activity in the Temporal UI. */
  summary: string;
  /** The step writes and leaves a receipt: after a cancel, the receipt decides whether it happened. */
  effect?: true;
  /** What the step did, in numbers, for the Temporal UI: "30 words". */
  counts?: (value: Value) => string;
}

interface StepCall<T> extends StepOptions<T> {
  name: string;
  run: (activities: Activities) => Promise<T>;
}

/** How long after a local abort the cancellation itself may take; it was durable before the abort was sent. */
const cancellationGrace = '5 seconds';

/** Runs one step of a job and records in the snapshot how it goes. */
export async function runStep<T>(
  snapshot: JobSnapshot,
  { name, run, policy, summary, effect, counts }: StepCall<T>,
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
    const attempt = (activityId: string) =>
      run(proxyActivities<Activities>({ ...policy, activityId, summary }));
    value = await untilNotStopped(snapshot, { name, attempt });
  } catch (error) {
    if (!wasCancelled(error)) {
      state.failure = toFailure(error, name);
      end('failed');
      throw error;
    }
    const happened = effect ? await settle<T>(name) : null;
    if (happened === null) {
      end('cancelled');
      throw asCancellation(error);
    }
    value = happened;
  }
  absorb(value, { snapshot, state });
  end('succeeded');
  if (counts) {
    state.counts = counts(value);
    showDetails(snapshot, 'running');
  }
  return value;
}

/**
 * An activity that was stopped returns what it had instead of throwing. The cancellation it was stopped for is in
 * the history already or a moment away. If it does not come, the notice was wrong and the step runs again.
 */
async function untilNotStopped<T>(
  snapshot: JobSnapshot,
  { name, attempt }: { name: string; attempt: (activityId: string) => Promise<T> },
): Promise<T> {
  for (let round = 1; ; round += 1) {
    const value = await attempt(round === 1 ? name : `${name}~${round}`);
    if (!isStopped(value)) return value;
    snapshot.usage = value.usage ?? snapshot.usage;
    snapshot.output = value.text ? { text: value.text, step: name, attempt: value.attempt } : snapshot.output;
    await Promise.race([CancellationScope.current().cancelRequested, sleep(cancellationGrace)]);
  }
}

/** Steps tell what they cost and what a person should know in two well-known fields of what they return. */
function absorb(value: unknown, { snapshot, state }: { snapshot: JobSnapshot; state: StepState }): void {
  if (typeof value !== 'object' || value === null) return;
  if ('usage' in value && value.usage) snapshot.usage = value.usage as JobSnapshot['usage'];
  if ('notes' in value && Array.isArray(value.notes)) state.notes = value.notes as string[];
}

const settle = async <T>(step: string): Promise<T | null> =>
  CancellationScope.nonCancellable(async () => {
    const { settleStep } = proxyActivities<FrameActivities>({
      ...framePolicies.settle,
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

const isStopped = (value: unknown): value is Stopped =>
  typeof value === 'object' && value !== null && 'stopped' in value && value.stopped === true;

const now = (): string => new Date().toISOString();
