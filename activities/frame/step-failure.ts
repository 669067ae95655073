import type { FailureCode } from '../../job-types/contract/failures.js';

export interface FailureOptions {
  cause?: unknown;
  /** Seconds the provider asked us to wait. */
  retryAfter?: number;
  /** Seconds until the next try, where the waits between the attempts do not go on from the attempt before. */
  nextTry?: number;
  provider?: string;
  /** Not tried again although the code is. */
  final?: boolean;
}

/** Messages and stacks end up in histories, rows and answers: a hostile page must not be able to fill them. */
const longestDetail = 1000;

/**
 * What an activity throws. `detail` says what happened, in one sentence and without secrets; the advice of the code
 * is added when the failure is shown.
 */
export class StepFailure extends Error {
  override name = 'StepFailure';

  constructor(
    readonly code: FailureCode,
    detail: string,
    readonly options: FailureOptions = {},
  ) {
    super(detail.slice(0, longestDetail), { cause: options.cause });
  }
}
