import { type Job, isFinal } from '../../job-types/contract/job.js';
import { CallBudget } from './call-budget.js';
import { type Run, lengthSeen } from './run.js';

/** How long what was read of a job is good enough, in ms, and why. */
export const good = {
  /** An open job: many pollers of one job share an answer. So is a final one of which the database still owes a detail. */
  open: 250,
  /** The same while changes are announced, which drop the answer. What nobody announces, an operator's act, is seen so late. */
  announced: 1_000,
  /** Of jobs older than that, of which nothing was heard, so many are asked about in a second. It is a number of calls. */
  quietCallsASecond: 20,
  /** With more of them watched, each waits for its turn, but no longer than this. So does each while there is a crowd. */
  longest: 12_000,
  /** So long after a notice, and while it is being cancelled, a job is read as often as without notices: a close has none. */
  moving: 2_000,
  /** A job that moves, or of which nothing would be heard, while another call would have to wait in line: a crowd. */
  crowded: 2_000,
  /** Any job, while Temporal answers others and is late for this one: so long a poll waits, and so old its answer may be. */
  soon: 1_000,
  busy: 60_000,
  /** A final job changes only when an operator resets its run. */
  final: 30_000,
  /** That Temporal failed to answer. A server that is late because it is busy would not recover from being asked again. */
  failure: 500,
  /** How long a worker may take to answer a query. One that is there answers in a few ms. */
  query: 1_000,
  /** That a query got no answer: a worker that is not there costs the whole time above. */
  queryPause: 5_000,
} as const;
// Without an age: a snapshot is good until the history has grown. What a step has said is good until a notice says it talks.

/** When those who wait for a job to change look at it, in ms. */
export const look = {
  /** Without a notice. A close is not announced, only what comes before it. */
  regular: 1_000,
  /** After a notice: a close follows the archive of the outcome within some ms. */
  soon: [0, 60, 150, 400],
  /** While a step talks: the first word at once, and what follows as often as this. A model speaks faster than anybody reads. */
  talk: 100,
} as const;

/** How old the last answer about a job is, and what was heard since. */
export interface Age {
  /** When Temporal answered; infinite while it is being asked: that is shared however long it takes. */
  readAt: number;
  status: Job['status'] | null;
  /** False while a detail is missing that the database will have. */
  whole: boolean;
  /** When the run was last said to move. */
  noticedAt: number;
  /** The log has grown by text or progress since, which Temporal knows nothing of. */
  talked: boolean;
  /** The log is being read for that. */
  retelling: boolean;
  /** When Temporal failed to answer the last time it was asked; null when it did. */
  failedAt: number | null;
}

/** What to do for one who asks: ask Temporal, give the last answer, add to it what the log says, or wait and see again. */
export type Next = 'ask' | 'give' | 'retell' | 'wait';

/** Decides whether the last answer is good enough. */
export class Freshness {
  private readonly quietCalls = new CallBudget(good.quietCallsASecond);

  /**
   * @param now.announced whether a change would have been heard of
   * @param now.crowded whether a call would have to wait for others
   */
  next(age: Age, now: { announced: boolean; crowded: boolean }): Next {
    if (!this.covers(age, now)) return 'ask';
    if (age.failedAt !== null || !age.talked || (age.status && isFinal(age.status))) return 'give';
    // What is being read may be past the place where something was just said.
    return Number.isFinite(age.readAt) && !age.retelling ? 'retell' : 'wait';
  }

  private covers(
    { readAt, status, whole, noticedAt, failedAt }: Age,
    { announced, crowded }: { announced: boolean; crowded: boolean },
  ): boolean {
    const now = Date.now();
    if (failedAt !== null) return now - failedAt <= good.failure;
    const age = now - readAt;
    const moving = status === 'cancelling' || now - noticedAt < good.moving;
    if (crowded && age <= (moving || !announced ? good.crowded : good.longest)) return true;
    if (status && isFinal(status)) return age <= (whole ? good.final : good.open);
    if (moving || !announced) return age <= good.open;
    return age <= good.announced || !this.quietCalls.take({ must: age > good.longest, now });
  }
}

/**
 * Whether a query of the workflow would tell anything new: its state can only change when its history grows.
 * @param asked the run as it was at the last query that was answered
 */
export const worthAsking = (run: Run, asked: Run | null): boolean =>
  run.queryable && run.historyLength > lengthSeen(run, asked);
