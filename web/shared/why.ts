import type { Job } from '../../client/index.js';
import { duration, time, words } from './shown.js';

const stalls = {
  'no-worker': 'No worker is there to take it',
  'workflow-code': 'Its workflow code fails, and goes on once that is mended',
  paused: 'An operator has paused it in Temporal',
} as const;

const asked: Record<string, string> = {
  budget: 'Its budget is used up: somebody has to allow more',
  ownerBudget: 'The budget of its owner is used up, and it goes on when that is renewed',
};

type Seen = Pick<
  Job,
  'status' | 'stalled' | 'steps' | 'waitingFor' | 'progress' | 'failure' | 'concurrencyKey' | 'cancel'
>;

/** What the API says of it, as a sentence. */
const message = ({ progress }: Seen): string =>
  `${progress.message}${/[.!?…]$/.test(progress.message) ? '' : '.'}`;

/** A sentence a status, where there is more to say than what the API says of each. */
const sentences: Partial<Record<Job['status'], (job: Seen) => string>> = {
  queued: (job) =>
    job.concurrencyKey === null
      ? message(job)
      : `Waits for its turn: one job at a time runs under “${job.concurrencyKey}”.`,
  failed: (job) => (job.failure ? `${job.failure.title}.` : message(job)),
  cancelled: (job) => (job.cancel?.reason ? `Stopped: ${job.cancel.reason}.` : message(job)),
};

/** One sentence that says why a job is where it is. @param now milliseconds since 1970 */
export function why(job: Seen, now: number): string {
  if (job.stalled) {
    const since = duration((now - Date.parse(job.stalled.since)) / 1000);
    return `${stalls[job.stalled.reason]}, since ${since}.`;
  }
  const [wait] = job.waitingFor;
  if (job.status === 'waiting' && wait) {
    const what = asked[wait.name] ?? `Waits for a person: ${words(wait.name)}`;
    return `${what}, until ${time(wait.expiresAt)}.`;
  }
  const retrying =
    job.status === 'running' ? job.steps.find(({ nextRetryAt }) => nextRetryAt !== null) : undefined;
  if (retrying?.nextRetryAt) {
    const left = Math.max(0, Math.ceil((Date.parse(retrying.nextRetryAt) - now) / 1000));
    const reason = retrying.lastFailure ? `: ${retrying.lastFailure.title}` : '';
    return `Next try ${left > 0 ? `in ${duration(left)}` : 'now'}${reason}.`;
  }
  return (sentences[job.status] ?? message)(job);
}

/** "extract 2 of 3": the step a job is at, and of its items as many as are over. */
export function place({ progress, steps }: Pick<Job, 'progress' | 'steps'>): string {
  const { step, stepIndex, stepCount } = progress;
  if (step === null) return '';
  const present = steps.find(({ name }) => name === step);
  if (present?.total)
    return `${words(step)} ${(present.done ?? 0) + (present.failed ?? 0)} of ${present.total}`;
  return stepIndex === null ? words(step) : `${words(step)}, step ${stepIndex + 1} of ${stepCount}`;
}
