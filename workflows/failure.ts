import { RetryState, TimeoutType } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { Failure } from '../job-types/failure.js';

/**
 * The codes that workflow code itself has to give. Their rows stand in the failure table too, which this side of the
 * sandbox may not load; a test holds the two together.
 */
export const ownFailures = {
  'step-timed-out': { title: 'Step ran out of time', status: 504 },
  'worker-lost': { title: 'Worker stopped answering', status: 503 },
  'job-timed-out': { title: 'Job ran out of time', status: 504 },
  'input-timed-out': { title: 'Nobody answered in time', status: 504 },
  'workflow-error': { title: 'Error in the workflow code', status: 500 },
} as const;

export function ownFailure(
  code: keyof typeof ownFailures,
  { detail, step }: { detail: string; step?: string | undefined },
): Failure {
  return { type: `/problems/${code}`, ...ownFailures[code], detail, code, retryable: false, step };
}

/** The failure of a step or of the frame, from what was thrown. Whatever it is, nothing tries it again. */
export function toFailure(error: unknown, step?: string): Failure {
  if (error instanceof ActivityFailure) return activityFailure(error, step);
  if (error instanceof ApplicationFailure && isFailure(error.details?.[0])) return error.details[0];
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const detail = `The workflow code threw ${what.slice(0, 500)}. It is not tried again.`;
  return ownFailure('workflow-error', { detail, step });
}

function activityFailure(error: ActivityFailure, step = error.activityId): Failure {
  const cause = error.cause;
  if (cause instanceof ApplicationFailure && isFailure(cause.details?.[0])) {
    const failure = cause.details[0];
    // What fails before its attempt has begun does not know of which step it was.
    const known = { step, ...failure, retryable: false };
    if (error.retryState !== RetryState.TIMEOUT) return known;
    return { ...known, detail: withoutHope(failure.detail) };
  }
  if (cause instanceof TimeoutFailure) {
    if (cause.timeoutType === TimeoutType.HEARTBEAT) {
      const detail = 'The worker stopped answering and the step has no time left.';
      return ownFailure('worker-lost', { detail, step });
    }
    const last = lastFailure(cause);
    const detail = `The step used up its time and is not tried again.${last ? ` Its last failure: ${last}` : ''}`;
    return ownFailure('step-timed-out', { detail, step });
  }
  const detail = `The step ${step ?? ''} failed: ${cause?.message ?? error.message}`;
  return ownFailure('workflow-error', { detail, step });
}

/** An attempt says that it is tried again; the last one was wrong about that. */
const withoutHope = (detail: string): string =>
  detail.replace('It is tried again.', 'The step has used up its time and is not tried again.');

function lastFailure(timeout: TimeoutFailure): string | null {
  const cause = timeout.cause;
  if (cause instanceof ApplicationFailure && isFailure(cause.details?.[0])) {
    return withoutHope(cause.details[0].detail);
  }
  return cause?.message ?? null;
}

const isFailure = (value: unknown): value is Failure =>
  typeof value === 'object' && value !== null && 'code' in value && 'detail' in value;
