import { ActivityFailure, CancelledFailure, isCancellation } from '@temporalio/workflow';

/**
 * An attempt that fails after its cancel was requested is not tried again: that is the cancel's doing. Told by the
 * history alone, so that a failure stays one when a cancel arrives while the outcome is archived.
 */
export const wasCancelled = (error: unknown): boolean =>
  isCancellation(error) || (error instanceof ActivityFailure && error.retryState === 'CANCEL_REQUESTED');

/** What was cancelled, in the form in which the SDK knows it for that. */
export const asCancellation = (error: unknown): unknown =>
  isCancellation(error) ? error : new CancelledFailure('cancelled', [], error as Error);
