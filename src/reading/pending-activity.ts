import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { LoadedDataConverter } from '@temporalio/common';
// The SDK decodes nested payloads nowhere in its public interface; a test holds this import in place.
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { failures } from '../../job-types/contract/failures.js';
import { again, makeFailure } from '../../job-types/contract/make-failure.js';
import type { Failure } from '../../job-types/contract/failure.js';
import { stepIdOf } from '../../job-types/contract/step-id.js';
import type { Said } from '../../store/events.js';

const { PendingActivityState } = proto.temporal.api.enums.v1;
const { PENDING_ACTIVITY_STATE_PAUSED, PENDING_ACTIVITY_STATE_PAUSE_REQUESTED } = PendingActivityState;

type Raw = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];
type RawFailure = NonNullable<Raw['lastFailure']>;

/** A step that a worker has, waits for one, or is to be tried again. */
export interface PendingActivity {
  step: string;
  /** Of a step that is done for several. */
  item: string | null;
  activityType: string;
  attempt: number;
  maxAttempts: number | null;
  /** Of the attempt before the running one. */
  lastFailure: Failure | null;
  /** Set during a back-off. */
  nextRetryAt: string | null;
  /** Since when the attempt has been waiting for a worker; null while one has it, and during a back-off. */
  waitingSince: string | null;
  /** Since when an operator wants it not to go on. What its attempt does may take some seconds to stop. */
  pausedSince: string | null;
  startedAt: string | null;
  heartbeat: { message?: string; done?: number; total?: number } | null;
}

/** The log is ahead of the heartbeats, which tell the same every now and then. */
export const withProgress = (
  activities: readonly PendingActivity[],
  told: Said['progress'],
): PendingActivity[] =>
  activities.map((one) =>
    told && one.step === told.step && one.item === told.item && one.attempt === told.attempt
      ? { ...one, heartbeat: { ...one.heartbeat, ...told.data } }
      : one,
  );

export async function toPendingActivity(raw: Raw, converter: LoadedDataConverter): Promise<PendingActivity> {
  const nextAt = optionalTsToDate(raw.nextAttemptScheduleTime);
  const backingOff = nextAt !== undefined && nextAt.getTime() > Date.now();
  const waiting = raw.state === PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED && !backingOff;
  const { step, item } = stepIdOf(raw.activityId ?? '');
  const pausedSince = isPaused(raw) ? (iso(raw.pauseInfo?.pauseTime) ?? iso(raw.scheduledTime)) : null;
  return {
    step,
    item,
    activityType: raw.activityType?.name ?? '',
    attempt: raw.attempt ?? 1,
    maxAttempts: raw.maximumAttempts || null,
    lastFailure:
      raw.lastFailure && !isPause(raw.lastFailure)
        ? await toFailure(raw.lastFailure, { converter, step })
        : null,
    nextRetryAt: backingOff && pausedSince === null ? nextAt.toISOString() : null,
    waitingSince: waiting ? (nextAt?.toISOString() ?? iso(raw.scheduledTime)) : null,
    pausedSince,
    startedAt: iso(raw.lastStartedTime),
    heartbeat: await first<PendingActivity['heartbeat']>(raw.heartbeatDetails, converter),
  };
}

const isPaused = ({ state }: Raw): boolean =>
  state === PENDING_ACTIVITY_STATE_PAUSED || state === PENDING_ACTIVITY_STATE_PAUSE_REQUESTED;

/** How the SDK ends an attempt when Temporal tells it of a pause: it is no failure, and is told as `pausedSince`. */
const isPause = ({ applicationFailureInfo: info }: RawFailure): boolean => info?.type === 'ActivityPause';

/** What the SDK says where no code of ours had a word: the worker was told to end, and the attempt with it. */
const isShutdown = ({ applicationFailureInfo: info }: RawFailure): boolean => info?.type === 'WorkerShutdown';

async function toFailure(
  raw: RawFailure,
  { converter, step }: { converter: LoadedDataConverter; step: string },
): Promise<Failure> {
  const ours = await first<Failure>(raw.applicationFailureInfo?.details, converter);
  if (ours && typeof ours === 'object' && 'code' in ours) return { step, ...ours };
  const [code, what] = raw.timeoutFailureInfo
    ? (['worker-lost', 'The worker that had the step stopped answering.'] as const)
    : isShutdown(raw)
      ? (['worker-lost', 'The worker that had the step was stopped.'] as const)
      : (['internal-error', `${raw.message ?? ''}.`] as const);
  return makeFailure(code, failures[code], { detail: `${what} ${again.yes}`, step });
}

async function first<T>(
  payloads: Raw['heartbeatDetails'],
  converter: LoadedDataConverter,
): Promise<T | null> {
  const [value] = await decodeArrayFromPayloads(converter, payloads?.payloads);
  return (value as T | undefined) ?? null;
}

/** A time of Temporal's, as a job shows it. */
export const iso = (time: Parameters<typeof optionalTsToDate>[0]): string | null =>
  optionalTsToDate(time)?.toISOString() ?? null;
