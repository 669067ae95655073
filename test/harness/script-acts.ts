import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { HeldAtBudget, OverBudget } from '../../job-types/contract/budget.js';
import type { Failure } from '../../job-types/contract/failure.js';
import type { Act } from './scripted-worker.js';

const failure = (code: string, retryable: boolean): Failure => ({
  type: `/problems/${code}`,
  title: code,
  status: 502,
  detail: `The script fails with ${code}.`,
  code,
  retryable,
});

/** A failure as the activity interceptor makes them; final when no pause is given. */
const thrown = (code: string, nextRetryDelay?: '10 milliseconds' | '4 minutes') =>
  ApplicationFailure.create({
    message: code,
    type: code,
    nonRetryable: nextRetryDelay === undefined,
    details: [failure(code, nextRetryDelay !== undefined)],
    nextRetryDelay,
  });

export const failsFinally =
  (code = 'no-article'): Act =>
  () => {
    throw thrown(code);
  };

export const failsOnceThen =
  (result: unknown): Act =>
  (attempt) => {
    if (attempt === 1) throw thrown('provider-unavailable', '10 milliseconds');
    return result;
  };

/** The next attempt is within the time that every step has in all; one beyond it the server would not wait for. */
export const failsForMinutes: Act = () => {
  throw thrown('provider-rate-limited', '4 minutes');
};

/** Another job holds the key; it is looked again after the pause. */
export const notYet =
  (pause: '1 millisecond' | '4 minutes', looks = Number.POSITIVE_INFINITY): Act =>
  (attempt) => {
    if (attempt > looks) return;
    throw ApplicationFailure.create({ message: 'not yet', type: 'not-yet', nextRetryDelay: pause });
  };

/** For what is asked anew, which counts its attempts from one again. */
export const firstThen = (first: Act, next: Act = () => undefined): Act => {
  let act = first;
  return (attempt, activityId) => {
    const now = act;
    act = next;
    return now(attempt, activityId);
  };
};

/** What a step leaves that was stopped while it ran. */
const left = { stopped: true, attempt: 1, text: 'half an ans', usage: null } as const;

/** Waits for the cancel and returns what it had, as the interceptor makes every step with a heartbeat do. */
export const hangsUntilStopped: Act = async () => {
  const signal = cancellationSignal();
  const beat = setInterval(() => heartbeat(), 100);
  try {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return left;
  } finally {
    clearInterval(beat);
  }
};

/** Says that it was stopped although nobody asked for it; the second time it goes well. */
export const stopsForNothingThen =
  (result: unknown): Act =>
  (_, activityId) =>
    activityId.includes('~') ? result : left;

const cutShort: OverBudget = {
  overBudget: { limit: 'maxTokens', cap: 60, spent: 60, wanted: 2_000, renewsAt: null },
  attempt: 1,
  text: 'half an ans',
  value: null,
};

/** Its call comes up against the budget; once more was allowed it goes well. */
export const overBudgetThen =
  (result: unknown): Act =>
  (_, activityId) =>
    activityId.includes('~') ? result : cutShort;

/** Its call waits for what others leave of a budget; when it comes again there is room. */
export const heldThen =
  (result: unknown): Act =>
  (_, activityId) =>
    activityId.includes('~') ? result : ({ heldAtBudget: true } satisfies HeldAtBudget);

/** Its owner's day is used up, and over in a second. */
export const ownerBudgetThen =
  (result: unknown): Act =>
  (_, activityId) => {
    if (activityId.includes('~')) return result;
    const renewsAt = new Date(Date.now() + 1_000).toISOString();
    const overBudget = { ...cutShort.overBudget, limit: 'OWNER_BUDGET_USD_DAY', renewsAt } as const;
    return { ...cutShort, overBudget } satisfies OverBudget;
  };

export interface Gate {
  /** Resolves when the act has been reached. */
  reached: Promise<void>;
  open(): void;
  /** Waits at the gate, then does what it is given. */
  before(act: Act): Act;
}

/** Holds an activity at a point, so that a test can do something at exactly that moment. */
export function gate(): Gate {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  return {
    reached: reached.promise,
    open: () => opened.resolve(),
    before: (act) => async (attempt, activityId) => {
      reached.resolve();
      await opened.promise;
      return act(attempt, activityId);
    },
  };
}
