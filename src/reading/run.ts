import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { PresentBudget } from '../../job-types/contract/budget.js';
import type { Fork } from '../../job-types/contract/job.js';
import { jobOwnerKey, jobStatusKey } from '../temporal/search-attributes.js';
import { wasReset } from '../temporal/turn-calls.js';
import { endedUntouched } from '../temporal/terminate-reason.js';
import { type PendingActivity, iso, toPendingActivity } from './pending-activity.js';
import { type KnownWait, type StoredWaits, waitsOf } from './earlier-forms.js';

const { PendingWorkflowTaskState } = proto.temporal.api.enums.v1;

/** What `describe` says about a job's run, without anything Temporal-shaped. */
export interface Run {
  jobId: string;
  /** What events, receipts, cancels and the archive go by: the first of the runs that continued each other. */
  runId: string;
  /** The one that Temporal has at present: what it is asked about, and what is ended. */
  presentRunId: string;
  type: string;
  execution: WorkflowExecutionDescription['status']['name'];
  createdAt: string;
  /** When the first workflow task is due; later than `createdAt` for a delayed start. */
  dueAt: string;
  finishedAt: string | null;
  historyLength: number;
  /** Whether a worker has completed the first workflow task, and may have begun a step in it. */
  begun: boolean;
  /** Whether the present run would answer a query: before its first task is done, it would not. */
  queryable: boolean;
  cancelRequested: boolean;
  /** A workflow task that waits for a worker or fails in the code; null when there is none. */
  workflowTask: { taken: boolean; attempt: number; since: string } | null;
  activities: PendingActivity[];
  /** Since when an operator has paused the whole run. */
  pausedSince: string | null;
  /** A state that Temporal has no word for, as the workflow has set it: queued, waiting or timed_out. */
  mark: string | null;
  /** What a waiting job asks people. What stands here while it does not wait is over. */
  waitingFor: KnownWait[];
  memo: JobMemo;
}

/** What a submit writes down beside the input, for reads that need no worker. A run without it is not a job. */
export interface JobMemo {
  owner: string;
  tags: string[];
  metadata: Record<string, string>;
  /** When it was submitted, as its first answer said; a reset by an operator leaves it. A run from before has none. */
  createdAt?: string;
  /** Of the request as it came, when it came with an Idempotency-Key. */
  fingerprint?: string;
  /** What tells the job from others of its type; a run from before it was kept has none. */
  subject?: string;
  /** Public id of the API key that submitted it; left out without keys. */
  submittedBy?: string;
  /** The job this one retries. */
  retryOf?: string;
  /** The job this one runs again. */
  rerunOf?: string;
  /** The job this one was forked from. */
  forkOf?: Fork;
  concurrencyKey?: string;
  /** What the latest job of its type is found by, where the type has such names. */
  alias?: string;
  /** As it stands: the run adds to it what a person allows. */
  budget?: PresentBudget;
}

/** What the run adds to it is of no other run: a retry takes over the submit's part alone. */
type RunMemo = JobMemo & { waitingFor: StoredWaits<KnownWait>; continued: ContinuedMemo };

/** What the memo of a run says that continues another. */
export interface ContinuedMemo {
  /** The first of the runs that continued each other. */
  runId: string;
  /** When a worker began the job. */
  startedAt: string | null;
}

/**
 * The first completed task of a run leaves a point to which an operator can reset it. The number of events does not tell:
 * calls, cancels, and tasks that were taken and not completed leave some too.
 */
const hasCompletedTask = ({ raw }: WorkflowExecutionDescription): boolean =>
  (raw.workflowExecutionInfo?.autoResetPoints?.points ?? []).length > 0;

/**
 * Events of a run up to its first completed task. A run that continues another is given the points of that one, so that they
 * do not tell. A cancel in between costs a query that gets no answer.
 */
const firstTaskDone = 4;

/** @returns null when the run is not a job. */
export async function toRun(description: WorkflowExecutionDescription, client: Client): Promise<Run | null> {
  const { raw } = description;
  const { waitingFor, continued: before, ...memo } = (description.memo ?? {}) as Partial<RunMemo>;
  const owner = description.typedSearchAttributes.get(jobOwnerKey);
  if (owner === undefined || memo.owner !== owner) return null;
  const converter = client.options.loadedDataConverter;
  const task = raw.pendingWorkflowTask;
  const cancelRequested = raw.workflowExtendedInfo?.cancelRequested ?? false;
  const { name: execution } = description.status;
  const { workflowId, runId } = description;
  // A reset is a run of its own.
  const continued = wasReset(description) ? undefined : before;
  const tookATask = before !== undefined || hasCompletedTask(description);
  // A worker may have taken the task in the very moment in which we ended a run of which nothing was done.
  const untouched =
    tookATask &&
    before === undefined &&
    execution === 'TERMINATED' &&
    cancelRequested &&
    (await endedUntouched(client, { workflowId, runId }));
  return {
    jobId: workflowId,
    runId: continued?.runId ?? runId,
    presentRunId: runId,
    type: description.type,
    execution,
    createdAt: memo.createdAt ?? description.startTime.toISOString(),
    dueAt: before?.startedAt ?? (description.executionTime ?? description.startTime).toISOString(),
    finishedAt: description.closeTime?.toISOString() ?? null,
    historyLength: description.historyLength,
    begun: tookATask && !untouched,
    queryable: before === undefined ? tookATask : !(task && description.historyLength < firstTaskDone),
    cancelRequested,
    workflowTask: task
      ? {
          taken: task.state === PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED,
          attempt: task.attempt ?? 1,
          since: iso(task.originalScheduledTime) ?? description.startTime.toISOString(),
        }
      : null,
    // Temporal goes on listing what a run had under way that was ended by force.
    activities: await Promise.all(
      (description.closeTime ? [] : (raw.pendingActivities ?? [])).map((one) =>
        toPendingActivity(one, converter),
      ),
    ),
    pausedSince: iso(raw.workflowExtendedInfo?.pauseInfo?.pausedTime),
    mark: description.typedSearchAttributes.get(jobStatusKey) ?? null,
    waitingFor: waitsOf(waitingFor),
    memo: { ...memo, owner, tags: memo.tags ?? [], metadata: memo.metadata ?? {} },
  };
}

/** Without the workflow having had a part in it. */
export const endedFromOutside = (execution: Run['execution']): boolean =>
  execution === 'TERMINATED' || execution === 'TIMED_OUT';

/** How much of a run's history another look at it has seen. */
export const lengthSeen = ({ presentRunId }: Run, seen: Run | null | undefined): number =>
  seen?.presentRunId === presentRunId ? seen.historyLength : 0;
