import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { LoadedDataConverter } from '@temporalio/common';
// The SDK decodes nested payloads nowhere in its public interface; a test holds this import in place.
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { failures } from '../../activities/failures.js';
import type { JobEvent } from '../../job-types/event.js';
import type { Failure } from '../../job-types/failure.js';
import { stepOf } from '../../job-types/step-of.js';
import { jobOwnerKey, jobStatusKey } from '../temporal/search-attributes.js';
import { endedUntouched } from './untouched.js';

const { PendingActivityState, PendingWorkflowTaskState } = proto.temporal.api.enums.v1;

type Raw = WorkflowExecutionDescription['raw'];
type RawActivity = NonNullable<Raw['pendingActivities']>[number];
type RawFailure = NonNullable<RawActivity['lastFailure']>;

export interface PendingActivity {
  step: string;
  activityType: string;
  attempt: number;
  maxAttempts: number | null;
  /** Of the attempt before the running one. */
  lastFailure: Failure | null;
  /** Set during a back-off. */
  nextRetryAt: string | null;
  /** Since when the attempt has been waiting for a worker; null while one has it, and during a back-off. */
  waitingSince: string | null;
  startedAt: string | null;
  heartbeat: { message?: string; done?: number; total?: number } | null;
}

/** What `describe` says about a job's run, without anything Temporal-shaped. */
export interface Described {
  jobId: string;
  runId: string;
  type: string;
  execution: WorkflowExecutionDescription['status']['name'];
  createdAt: string;
  /** When the first workflow task is due; later than `createdAt` for a delayed start. */
  dueAt: string;
  finishedAt: string | null;
  historyLength: number;
  /** Whether a worker has completed the first workflow task, and may have begun a step in it. */
  begun: boolean;
  cancelRequested: boolean;
  /** A workflow task that waits for a worker or fails in the code; null when there is none. */
  workflowTask: { taken: boolean; attempt: number; since: string } | null;
  activities: PendingActivity[];
  /** A state that Temporal has no word for, as the workflow has set it: queued, waiting or timed_out. */
  mark: string | null;
  /** What a waiting job waits for. */
  waitingFor: { name: string; expiresAt: string } | null;
  memo: JobMemo;
}

/** What a submit writes down beside the input, for reads that need no worker. A run without it is not a job. */
export interface JobMemo {
  owner: string;
  tags: string[];
  metadata: Record<string, string>;
  /** Of the request as it came, when it came with an Idempotency-Key. */
  fingerprint?: string;
  /** The job this one retries. */
  retryOf?: string;
  concurrencyKey?: string;
}

/**
 * The first completed task of a run leaves a point to which an operator can reset it. The number of events does not tell:
 * calls, cancels, and tasks that were taken and not completed leave some too.
 */
const hasCompletedTask = ({ workflowExecutionInfo: info }: Raw): boolean =>
  (info?.autoResetPoints?.points ?? []).length > 0;

/** @returns null when the run is not a job. */
export async function toDescribed(
  description: WorkflowExecutionDescription,
  client: Client,
): Promise<Described | null> {
  const { raw } = description;
  const memo = description.memo as Partial<JobMemo> | undefined;
  const owner = description.typedSearchAttributes.get(jobOwnerKey);
  if (owner === undefined || memo?.owner !== owner) return null;
  const converter = client.options.loadedDataConverter;
  const task = raw.pendingWorkflowTask;
  const cancelRequested = raw.workflowExtendedInfo?.cancelRequested ?? false;
  const { name: execution } = description.status;
  const endedFromOutside = execution === 'TERMINATED' || execution === 'TIMED_OUT';
  return {
    jobId: description.workflowId,
    runId: description.runId,
    type: description.type,
    execution,
    createdAt: description.startTime.toISOString(),
    dueAt: (description.executionTime ?? description.startTime).toISOString(),
    finishedAt: description.closeTime?.toISOString() ?? null,
    historyLength: description.historyLength,
    begun:
      hasCompletedTask(raw) &&
      !(endedFromOutside && cancelRequested && (await endedUntouched(description, client))),
    cancelRequested,
    workflowTask: task
      ? {
          taken: task.state === PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED,
          attempt: task.attempt ?? 1,
          since: iso(task.originalScheduledTime) ?? description.startTime.toISOString(),
        }
      : null,
    activities: await Promise.all((raw.pendingActivities ?? []).map((one) => toActivity(one, converter))),
    mark: description.typedSearchAttributes.get(jobStatusKey) ?? null,
    waitingFor: (memo as { waitingFor?: Described['waitingFor'] }).waitingFor ?? null,
    memo: { ...memo, owner, tags: memo.tags ?? [], metadata: memo.metadata ?? {} },
  };
}

/** How much of a run's history another look at it has seen. */
export const lengthSeen = ({ runId }: Described, seen: Described | null | undefined): number =>
  seen?.runId === runId ? seen.historyLength : 0;

/** The log is ahead of the heartbeats, which tell the same every now and then. */
export const withProgress = (
  activity: PendingActivity,
  { step, attempt, data }: Pick<JobEvent, 'step' | 'attempt' | 'data'>,
): PendingActivity =>
  activity.step === step && activity.attempt === attempt
    ? { ...activity, heartbeat: { ...activity.heartbeat, ...data } }
    : activity;

async function toActivity(raw: RawActivity, converter: LoadedDataConverter): Promise<PendingActivity> {
  const nextAt = optionalTsToDate(raw.nextAttemptScheduleTime);
  const backingOff = nextAt !== undefined && nextAt.getTime() > Date.now();
  const waiting = raw.state === PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED && !backingOff;
  const step = stepOf(raw.activityId ?? '');
  return {
    step,
    activityType: raw.activityType?.name ?? '',
    attempt: raw.attempt ?? 1,
    maxAttempts: raw.maximumAttempts || null,
    lastFailure: raw.lastFailure ? await toFailure(raw.lastFailure, { converter, step }) : null,
    nextRetryAt: backingOff ? nextAt.toISOString() : null,
    waitingSince: waiting ? (nextAt?.toISOString() ?? iso(raw.scheduledTime)) : null,
    startedAt: iso(raw.lastStartedTime),
    heartbeat: await first<PendingActivity['heartbeat']>(raw.heartbeatDetails, converter),
  };
}

async function toFailure(
  raw: RawFailure,
  { converter, step }: { converter: LoadedDataConverter; step: string },
): Promise<Failure> {
  const ours = await first<Failure>(raw.applicationFailureInfo?.details, converter);
  if (ours && typeof ours === 'object' && 'code' in ours) return { step, ...ours };
  const code = raw.timeoutFailureInfo ? 'worker-lost' : 'internal-error';
  const { title, status, retryable, advice } = failures[code];
  const what = raw.timeoutFailureInfo
    ? 'The worker that had the step stopped answering.'
    : `${raw.message ?? ''}.`;
  const detail = `${what} It is tried again. ${advice}`;
  return { type: `/problems/${code}`, title, status, detail, code, retryable, step };
}

async function first<T>(
  payloads: RawActivity['heartbeatDetails'],
  converter: LoadedDataConverter,
): Promise<T | null> {
  const [value] = await decodeArrayFromPayloads(converter, payloads?.payloads);
  return (value as T | undefined) ?? null;
}

const iso = (time: Parameters<typeof optionalTsToDate>[0]): string | null =>
  optionalTsToDate(time)?.toISOString() ?? null;
