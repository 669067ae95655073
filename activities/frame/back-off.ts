import type { EarlierCalls } from '../../store/model-calls.js';
import { StepFailure } from './step-failure.js';

/** As `workflows/policies.ts` has it for a model's step. */
const firstWait = 2;
const longestWait = 60;

export interface Connection {
  /** Some of an answer came over the one that has just failed. */
  worked: boolean;
  earlier: Pick<EarlierCalls, 'sinceWorked'>;
}

/**
 * Temporal's waits grow with every attempt of a step. After a connection that worked they start afresh. A provider that
 * was away for long and came back is not given a minute for its first slip.
 */
export function backOffAfresh(error: unknown, { worked, earlier }: Connection): unknown {
  if (!(error instanceof StepFailure) || error.options.retryAfter !== undefined) return error;
  const failures = worked ? 0 : earlier.sinceWorked === null ? null : earlier.sinceWorked + 1;
  if (failures === null) return error;
  const nextTry = Math.min(firstWait * 2 ** failures, longestWait);
  return new StepFailure(error.code, error.message, { ...error.options, nextTry });
}
