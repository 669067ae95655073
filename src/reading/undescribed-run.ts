import type { FinalStatus } from '../../job-types/contract/job.js';
import type { ArchivedJob } from '../../job-types/contract/outcome.js';
import type { ArchivedOutcome } from '../../store/outcomes.js';
import type { JobMemo, Run } from './run.js';

/** A run of which all that is known is that it was just started. */
export function startedRun(started: {
  jobId: string;
  runId: string;
  type: string;
  memo: JobMemo & { createdAt: string };
  delayMs: number;
}): Run {
  const { delayMs, ...known } = started;
  const { createdAt } = known.memo;
  return {
    ...known,
    ...unheardOf,
    presentRunId: known.runId,
    execution: 'RUNNING',
    createdAt,
    dueAt: new Date(Date.parse(createdAt) + delayMs).toISOString(),
    finishedAt: null,
    begun: false,
    queryable: false,
  };
}

/** A run of which only the archive tells, as `describe` told of it once. */
export function archivedRun({ jobId, runId, status, job }: ArchivedOutcome<ArchivedJob>): Run {
  const { type, createdAt, outcome } = job;
  // A workflow that runs out of time says so in a failure; Temporal closes a run without a word.
  const inOrder = status === 'timed_out' && outcome.failure !== null;
  return {
    jobId,
    runId,
    presentRunId: job.lastRun ?? runId,
    type,
    ...unheardOf,
    execution: inOrder ? 'FAILED' : executions[status],
    mark: inOrder ? 'timed_out' : null,
    createdAt,
    dueAt: createdAt,
    finishedAt: outcome.finishedAt,
    begun: true,
    queryable: true,
    memo: { tags: [], metadata: {}, ...(job.memo as Partial<JobMemo>), owner: job.owner },
  };
}

const unheardOf = {
  historyLength: 0,
  cancelRequested: false,
  workflowTask: null,
  activities: [],
  pausedSince: null,
  mark: null,
  waitingFor: [],
} satisfies Partial<Run>;

const executions: Readonly<Record<FinalStatus, Run['execution']>> = {
  succeeded: 'COMPLETED',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
  terminated: 'TERMINATED',
  timed_out: 'TIMED_OUT',
};
