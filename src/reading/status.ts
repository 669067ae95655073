import type { Job, JobStatus } from '../../job-types/contract/job.js';
import { type Run, endedFromOutside } from './run.js';

interface StatusRow {
  status: JobStatus;
  /** Shown as the job's progress message when nothing closer to the work has one. */
  sentence: string;
  when: (run: Run, now: number) => boolean;
}

/** From what `describe` says to the status of the job; the first row that holds. Temporal is the truth, no worker is needed. */
export const statusTable: readonly StatusRow[] = [
  {
    status: 'succeeded',
    sentence: 'Finished; the result is there.',
    when: (run) => run.execution === 'COMPLETED',
  },
  {
    status: 'cancelled',
    sentence: 'Stopped as asked; what had begun was cleaned up.',
    when: (run) => run.execution === 'CANCELLED' || endedBeforeItBegan(run),
  },
  {
    status: 'timed_out',
    sentence: 'Ran out of time; clean-up ran.',
    when: (run) => run.execution === 'FAILED' && run.mark === 'timed_out',
  },
  {
    status: 'failed',
    sentence: 'Failed; the failure says why.',
    when: (run) => run.execution === 'FAILED',
  },
  {
    status: 'terminated',
    sentence: 'Ended at once by force; no clean-up ran.',
    when: (run) => run.execution === 'TERMINATED',
  },
  {
    status: 'timed_out',
    sentence: 'Ran out of time, without clean-up.',
    when: (run) => run.execution === 'TIMED_OUT',
  },
  {
    status: 'cancelling',
    sentence: 'Asked to stop; clean-up is under way.',
    when: (run) => run.cancelRequested,
  },
  {
    status: 'scheduled',
    sentence: 'Starts at the time it was given.',
    when: (run, now) => !run.begun && Date.parse(run.dueAt) > now,
  },
  {
    status: 'queued',
    sentence: 'Waits for a worker.',
    when: (run) => !run.begun,
  },
  {
    status: 'queued',
    sentence: 'Waits until no other job holds its concurrency key.',
    when: (run) => run.mark === 'queued',
  },
  {
    status: 'waiting',
    sentence:
      'What its owner may spend on models is used up. It goes on by itself when the day or month is over.',
    when: (run) => run.mark === 'waiting' && waitsForOwnerBudget(run),
  },
  {
    status: 'waiting',
    sentence: 'Waits for a person.',
    when: (run) => run.mark === 'waiting',
  },
  {
    status: 'running',
    sentence: 'A worker has begun it.',
    when: () => true,
  },
];

/** Whoever waits for a person besides says that. */
const waitsForOwnerBudget = ({ waitingFor }: Run): boolean =>
  waitingFor.length > 0 && waitingFor.every(({ name }) => name === 'ownerBudget');

/** Nothing had been done that could be cut short, so how Temporal closed it does not matter. */
function endedBeforeItBegan(run: Run): boolean {
  return endedFromOutside(run.execution) && run.cancelRequested && !run.begun;
}

export function statusOf(run: Run, now = Date.now()): { status: JobStatus; sentence: string } {
  const row = statusTable.find(({ when }) => when(run, now));
  if (!row) throw new Error(`no status for a run that is ${run.execution}`);
  return row;
}

/** For a job whose status is known without a run to look at. */
export const sentenceOf = (status: JobStatus): string =>
  statusTable.find((row) => row.status === status)?.sentence ?? '';

/** A task a live worker would have taken by now. Longer than the gap between two polls of a busy worker. */
const patienceMs = 5_000;

/**
 * Why an open job cannot move. Its workflow code fails (a task tried more than once), an operator has paused it, or no worker is there. For 5 s none
 * has taken its workflow task or the attempt of a step then. Null while it can, and during a back-off, which is a plan.
 */
export function stalledOf(run: Run, now = Date.now()): Job['stalled'] {
  if (run.finishedAt !== null) return null;
  const task = run.workflowTask;
  if (task && task.attempt > 1) return { since: task.since, reason: 'workflow-code' };
  const pauses = [run.pausedSince, ...run.activities.map(({ pausedSince }) => pausedSince)];
  const [paused] = pauses.filter((since) => since !== null).toSorted();
  if (paused !== undefined) return { since: paused, reason: 'paused' };
  const waiting = [
    ...(task && !task.taken ? [Math.max(Date.parse(task.since), Date.parse(run.dueAt))] : []),
    ...run.activities.flatMap(({ waitingSince }) => (waitingSince ? [Date.parse(waitingSince)] : [])),
  ];
  const since = Math.min(...waiting);
  return now - since > patienceMs ? { since: new Date(since).toISOString(), reason: 'no-worker' } : null;
}
