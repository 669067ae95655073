import { ActivityFailure } from '@temporalio/workflow';
import type { Failure } from '../../job-types/contract/failure.js';
import { toFailure } from '../frame/failure.js';

/** What is no fault of a file: the next one would meet the same. */
const ofProvider: ReadonlySet<string> = new Set([
  'provider-rate-limited',
  'provider-unavailable',
  'provider-address-wrong',
  'provider-timed-out',
  'provider-key-refused',
  'provider-key-missing',
  'model-not-found',
  'quota-exhausted',
  'step-timed-out',
]);

/** So many files in a row are no bad luck: each may have been tried for hours. */
const mostInARow = 5;

/** Watches whether a provider lets one file after the other down. */
export function givingUp(before: Failure | null) {
  let givenUp = before;
  let inARow = 0;
  return {
    /** Why no file is begun any more; null as long as they are. */
    get givenUp() {
      return givenUp;
    },

    async watched<T>(work: Promise<T>): Promise<T> {
      try {
        const value = await work;
        inARow = 0;
        return value;
      } catch (error) {
        if (error instanceof ActivityFailure) {
          const failure = toFailure(error);
          inARow = ofProvider.has(failure.code) ? inARow + 1 : 0;
          if (inARow >= mostInARow) givenUp ??= failure;
        }
        throw error;
      }
    },
  };
}
