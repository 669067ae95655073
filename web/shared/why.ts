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
  | 'status'
  | 'stalled'
  | 'steps'
  | 'waitingFor'
  | 'progress'
  | 'failure'
  | 'concurrencyKey'
  | 'cancel'
  | 'startedAt'
>;

export interface Moment {
  /** Milliseconds since 1970. */
  now: number;
  /** Who holds the concurrency key; null where nobody is known to. */
  behind?: string | null;
}

/** What the API says of it, as a sentence. */
const message = ({ progress }: Seen): string =>
  `${progress.message}${/[.!?…]$/.test(progress.message) ? '' : '.'}`;

const failed = (job: Seen): string => (job.failure ? `${job.failure.title}.` : message(job));

/** A sentence a status, where there is more to say than what the API says of each. */
const sentences: Partial<Record<Job['status'], (job: Seen, moment: Moment) => string>> = {
  queued: (job, { behind }) => {
    if (behind) return `Waits for its key “${job.concurrencyKey ?? ''}” behind ${behind}.`;
    // A run that has begun waits for others of its owner.
    if (job.concurrencyKey === null) {
      return job.startedAt === null ? message(job) : 'Waits for a place: others of its kind run.';
    }
    return `Waits for its turn: one job at a time runs under “${job.concurrencyKey}”.`;
  },
  running: (job) => {
    const step = job.steps.find(({ name }) => name === job.progress.step);
    // A step that has nothing to tell yet is told by its title.
    return step && job.progress.message === step.title ? `${step.title} is under way.` : message(job);
  },
  failed,
  timed_out: failed,
  cancelled: (job) => (job.cancel?.reason ? `Stopped: ${job.cancel.reason}.` : message(job)),
};

/** One sentence that says why a job is where it is. */
export function why(job: Seen, moment: Moment): string {
  const { now } = moment;
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
    const { lastFailure } = retrying;
    const whom = lastFailure?.provider ? ` (${lastFailure.provider})` : '';
    const reason = lastFailure ? `: ${lastFailure.title}${whom}` : '';
    return `Next try ${left > 0 ? `in ${duration(left)}` : 'now'}${reason}.`;
  }
  return (sentences[job.status] ?? message)(job, moment);
}

type Placed = Pick<Job, 'progress' | 'steps'>;

const present = ({ progress, steps }: Placed) => steps.find(({ name }) => name === progress.step);

/** "extract 2 of 3": the step a job is at, and of its items as many as are over: "write, 7 of 12 items". */
export function place({ progress, steps }: Placed): string {
  const { step, stepIndex, stepCount } = progress;
  if (step === null) return '';
  const { total, done, failed: lost } = present({ progress, steps }) ?? {};
  if (total) return `${words(step)}, ${(done ?? 0) + (lost ?? 0)} of ${total} items`;
  return stepIndex === null ? words(step) : `${words(step)} ${stepIndex + 1} of ${stepCount}`;
}

/** ", attempt 2 of 5", from the second one on. */
export function tryOf(job: Placed & Pick<Job, 'done'>): string {
  const { attempt = null, maxAttempts = null } = present(job) ?? {};
  if (job.done || attempt === null || attempt < 2) return '';
  return `, attempt ${attempt}${maxAttempts === null ? '' : ` of ${maxAttempts}`}`;
}
