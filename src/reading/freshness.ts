import { type Job, isFinal } from '../../job-types/contract/job.js';
import { CallBudget } from './call-budget.js';

/** Many pollers of one job share an answer this old. */
const openMs = 250;
/** While changes are announced, and drop what is shared: only what nobody announces, as when an operator ends a run, is seen so late. */
const announcedMs = 1_000;
/**
 * Of the jobs whose answer is older than that, and of which nothing was announced, so many are asked about in a second.
 * With more of them watched, each waits for its turn, up to the longest time.
 */
const quietCallsASecond = 20;
const longestMs = 12_000;
/** After a notice. */
const movingMs = 2_000;
/**
 * A failure to answer is shared as well: a server that is late because it is busy would otherwise be asked again by every
 * poller, and not recover from them.
 */
const failureMs = 500;
/** While so many calls are under way that another would have to wait for them. */
const crowdedMs = 2_000;
/** A final job changes only when an operator resets its run. */
const finalMs = 30_000;

/** An answer of Temporal's that may be given to more than one. */
export interface Shared {
  /** When it came; infinite while it is on its way, when it is shared however long that takes. */
  readAt: number;
  status: Job['status'] | null;
  /** False while a detail is missing that the database will have. */
  whole: boolean;
  /** When the run was last said to move. */
  noticedAt: number;
  /** When Temporal failed to answer the last time it was asked; null when it did. */
  failedAt: number | null;
}

/** How long what Temporal said is good enough. */
export class Sharing {
  private readonly quietCalls = new CallBudget(quietCallsASecond);

  /**
   * Whether the answer still serves; when not, ask now.
   * @param options.announced whether a change would have been heard of
   * @param options.crowded whether a call would have to wait for others
   */
  covers(
    { readAt, status, whole, noticedAt, failedAt }: Shared,
    { announced, crowded }: { announced: boolean; crowded: boolean },
  ): boolean {
    const now = Date.now();
    if (failedAt !== null) return now - failedAt <= failureMs;
    const age = now - readAt;
    if (crowded && age <= crowdedMs) return true;
    if (status && isFinal(status)) return age <= (whole ? finalMs : openMs);
    // The close itself is not announced.
    const moving = status === 'cancelling' || now - noticedAt < movingMs;
    if (moving || !announced) return age <= openMs;
    return age <= announcedMs || !this.quietCalls.take({ must: age > longestMs, now });
  }
}
