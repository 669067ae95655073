import { RetryState, TimeoutType } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { Failure } from '../../job-types/contract/failure.js';
import { type FailureCode, failures } from '../../job-types/contract/failures.js';
import { again, makeFailure } from '../../job-types/contract/make-failure.js';
import { stepIdOf } from '../../job-types/contract/step-id.js';

/** What goes wrong in the workflow itself, or in a step of which nothing was heard. It is final. */
export const ownFailure = (
  code: FailureCode,
  { detail, ...of }: { detail: string; step?: string | undefined; item?: string },
): Failure => makeFailure(code, failures[code], { detail, retryable: false, ...of });

/** What a body throws, and a run closes with, to fail with exactly this. */
export const asError = (failure: Failure): ApplicationFailure =>
  ApplicationFailure.create({
    message: failure.detail,
    type: failure.code,
    nonRetryable: true,
    details: [failure],
  });

/** The failure of a step or of the frame, from what was thrown. Whatever it is, nothing tries it again. */
export function toFailure(error: unknown, step?: string): Failure {
  if (error instanceof ActivityFailure) return activityFailure(error, step);
  if (error instanceof ApplicationFailure && isFailure(error.details?.[0])) return error.details[0];
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const detail = `The workflow code threw ${what.slice(0, 500)}. ${again.no}`;
  return ownFailure('workflow-error', { detail, step });
}

function activityFailure(error: ActivityFailure, name?: string): Failure {
  const { step: own, item } = stepIdOf(error.activityId ?? '');
  const of = { step: name ?? own, ...(item === null ? {} : { item }) };
  const cause = error.cause;
  if (cause instanceof ApplicationFailure && isFailure(cause.details?.[0])) {
    const failure = cause.details[0];
    // What fails before its attempt has begun does not know of which step it was.
    const known = { ...of, ...failure, retryable: false };
    if (error.retryState !== RetryState.TIMEOUT) return known;
    return { ...known, detail: withoutHope(failure.detail) };
  }
  if (cause instanceof TimeoutFailure) {
    if (cause.timeoutType === TimeoutType.HEARTBEAT) {
      const detail = 'The worker stopped answering and the step has no time left.';
      return ownFailure('worker-lost', { detail, ...of });
    }
    const last = lastFailure(cause);
    const detail = `The step used up its time and is not tried again.${last ? ` Its last failure: ${last}` : ''}`;
    return ownFailure('step-timed-out', { detail, ...of });
  }
  const detail = `The step ${of.step} failed: ${cause?.message ?? error.message}`;
  return ownFailure('workflow-error', { detail, ...of });
}

/** An attempt says that it is tried again; the last one was wrong about that. */
const withoutHope = (detail: string): string =>
  detail.replace(again.yes, 'The step has used up its time and is not tried again.');

function lastFailure(timeout: TimeoutFailure): string | null {
  const cause = timeout.cause;
  if (cause instanceof ApplicationFailure && isFailure(cause.details?.[0])) {
    return withoutHope(cause.details[0].detail);
  }
  return cause?.message ?? null;
}

const isFailure = (value: unknown): value is Failure =>
  typeof value === 'object' && value !== null && 'code' in value && 'detail' in value;
