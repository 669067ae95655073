import { RetryState } from '@temporalio/common';
import {
  ActivityFailure,
  CancellationScope,
  TimeoutFailure,
  proxyActivities,
  sleep,
} from '@temporalio/workflow';
import type { Activities } from '../../activities/index.js';
import type { FrameActivities } from '../../activities/frame/own.js';
import type { Stopped } from '../../activities/frame/step.js';
import type { HeldAtBudget, OverBudget } from '../../job-types/contract/budget.js';
import type { Failure } from '../../job-types/contract/failure.js';
import type { JobSnapshot } from '../../job-types/contract/outcome.js';
import { activityIdOf } from '../../job-types/contract/step-id.js';
import { type BudgetKeeper, failedAtBudget, overBudgetFailure } from './budget.js';
import { asCancellation, wasCancelled } from './cancellation.js';
import { toFailure } from './failure.js';
import { logEvent } from './log-event.js';
import { type Policy, framePolicies } from './policies.js';
import { type Item, recordStep } from './step-record.js';

export interface StepOptions<Value> {
  policy: Policy;
  /** Shown beside the activity in the Temporal UI. */
  summary: string;
  /** Which of several things the step is done for this time. */
  item?: Item;
  /** The step writes and leaves a receipt: after a cancel, the receipt decides whether it happened. */
  effect?: true;
  /** What the step did, in numbers, for the Temporal UI: "30 words". Of items, their number is told. */
  counts?: (value: Value) => string;
}

interface StepCall<T> extends StepOptions<T> {
  name: string;
  run: (activities: Activities) => Promise<T>;
}

/** Which step it is, and for which item. */
interface Part {
  step: string;
  item: string | null;
}

/** What a step is a part of. */
export interface StepOf {
  snapshot: JobSnapshot;
  budget: BudgetKeeper;
}

/** How long after a local abort the cancellation itself may take; it was durable before the abort was sent. */
const cancellationGrace = '5 seconds';

/** Runs one step of a job, or one item of it, and records in the snapshot how it goes. */
export async function runStep<T>(
  of: StepOf,
  { name, run, policy, summary, item, effect, counts }: StepCall<T>,
): Promise<T> {
  const { snapshot } = of;
  const part: Part = { step: name, item: item?.key ?? null };
  const record = recordStep(snapshot, { name, ...(item ? { item } : {}) });
  let value: T;
  try {
    const attempt = (activityId: string) =>
      run(proxyActivities<Activities>({ ...policy, activityId, summary }));
    value = await untilItHasAnEnd(of, { part, attempt });
  } catch (error) {
    if (!wasCancelled(error)) {
      const failure = toFailure(error, name);
      record.end({ status: 'failed', failure });
      if (item && (ranOutOfTime(error) || failedAtBudget(error))) await tellFailure(part, failure);
      throw error;
    }
    const happened = effect ? await settle<T>(part) : null;
    if (happened === null) {
      record.end({ status: 'cancelled' });
      throw asCancellation(error);
    }
    value = happened;
  }
  record.end({ status: 'succeeded', ...told(value, snapshot) });
  if (counts) record.count(counts(value));
  return value;
}

/**
 * An activity that was stopped returns what it had instead of throwing. The cancellation it was stopped for is in
 * the history already or a moment away. If it does not come, the notice was wrong and the step runs again. One whose budget
 * is used up returns what it had, too. It runs again when there is more to spend. One that waits for what others leave of a
 * budget runs again at once, with all of its time before it.
 */
async function untilItHasAnEnd<T>(
  { snapshot, budget }: StepOf,
  { part, attempt }: { part: Part; attempt: (activityId: string) => Promise<T> },
): Promise<T> {
  for (let round = 1; ; round += 1) {
    const value = await attempt(activityIdOf({ ...part, round }));
    if (isHeld(value)) continue;
    if (isOverBudget(value)) {
      const kept = await atBudget(value, { snapshot, budget, part });
      if (kept) return kept.value as T;
      continue;
    }
    if (!isStopped(value)) return value;
    const { text, usage, attempt: number } = value;
    snapshot.usage = usage ?? snapshot.usage;
    snapshot.output = text ? { text, step: part.step, attempt: number } : snapshot.output;
    await Promise.race([CancellationScope.current().cancelRequested, sleep(cancellationGrace)]);
  }
}

/**
 * What was said until the budget cut it is shown while a person is asked.
 * @returns what the step has come to all the same; null when it is to run again
 */
async function atBudget(
  over: OverBudget,
  { snapshot, budget, part }: StepOf & { part: Part },
): Promise<{ value: unknown } | null> {
  const { text, value, attempt, overBudget: exceeded } = over;
  const before = snapshot.output;
  const output = text ? { text, step: part.step, attempt } : before;
  snapshot.output = output;
  const verdict = await budget.judge(exceeded);
  if (verdict !== 'again' && (verdict !== 'end' || value === null)) {
    throw overBudgetFailure(over, { ...part, verdict });
  }
  // It comes again, or is in what the step returns.
  if (snapshot.output === output) snapshot.output = before;
  return verdict === 'again' ? null : { value };
}

/** Steps tell what they cost and what a person should know in two well-known fields of what they return. */
function told(value: unknown, snapshot: JobSnapshot): { notes?: string[] } {
  if (typeof value !== 'object' || value === null) return {};
  if ('usage' in value && value.usage) snapshot.usage = value.usage as JobSnapshot['usage'];
  return 'notes' in value && Array.isArray(value.notes) ? { notes: value.notes as string[] } : {};
}

/** The last word of its attempts was that it is tried again. */
const ranOutOfTime = (error: unknown): boolean =>
  error instanceof ActivityFailure &&
  (error.cause instanceof TimeoutFailure || error.retryState === RetryState.TIMEOUT);

/** Of a step without items the run itself tells that it has failed; of each of many items the log alone can. */
const tellFailure = ({ step, item }: Part, failure: Failure): Promise<void> =>
  logEvent(`failed/${activityIdOf({ step, item, round: 1 })}`, {
    type: 'step.failed',
    step,
    ...(item === null ? {} : { item }),
    data: { failure },
  });

const settle = async <T>({ step, item }: Part): Promise<T | null> =>
  CancellationScope.nonCancellable(async () => {
    const which = item === null ? { step } : { step, item };
    const { settleStep } = proxyActivities<FrameActivities>({
      ...framePolicies.settle,
      summary: `Did "${step}" happen?`,
    });
    try {
      return (await settleStep(which)) as T | null;
    } catch (error) {
      // Without a database nobody can tell; the job ends cancelled, as it was asked to.
      if (error instanceof ActivityFailure) return null;
      throw error;
    }
  });

const isOverBudget = (value: unknown): value is OverBudget =>
  typeof value === 'object' && value !== null && 'overBudget' in value;

const isHeld = (value: unknown): value is HeldAtBudget =>
  typeof value === 'object' && value !== null && 'heldAtBudget' in value;

const isStopped = (value: unknown): value is Stopped =>
  typeof value === 'object' && value !== null && 'stopped' in value && value.stopped === true;
