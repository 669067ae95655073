import { ApplicationFailure } from '@temporalio/common';
import type { Failure } from '../../job-types/contract/failure.js';
import { ReceiptVoided, RunEnded } from '../../store/receipts.js';
import { FileUnreadable, FolderRefused, OutputNotWritten } from '../../store/folders/refusals.js';
import { isDatabaseFull, isDatabaseRefusal, isDatabaseUnavailable } from '../../store/unavailable.js';
import { StepFailure } from './step-failure.js';
import { failures } from '../../job-types/contract/failures.js';
import { again, makeFailure } from '../../job-types/contract/make-failure.js';

export interface AttemptName {
  step: string;
  /** Of a step that is done for several. */
  item?: string | null;
  attempt: number;
}

/** An unexpected error may pass by itself; one that came this often is a fault in the code, and waiting is no help. */
const mostUnexpected = 5;

const ofFolders = [
  [FolderRefused, 'folder-refused'],
  [FileUnreadable, 'file-unreadable'],
  [OutputNotWritten, 'output-not-written'],
] as const;

function toStepFailure(error: unknown, attempt = 1): StepFailure {
  if (error instanceof StepFailure) return error;
  if (error instanceof ReceiptVoided) {
    return new StepFailure('storage-refused', 'The job was cancelled before this step could write.', {
      cause: error,
    });
  }
  if (error instanceof RunEnded) {
    return new StepFailure('storage-unavailable', 'The job is being ended, so that nothing was written.', {
      cause: error,
    });
  }
  for (const [kind, code] of ofFolders) {
    if (error instanceof kind) return new StepFailure(code, error.message, { cause: error });
  }
  if (isDatabaseFull(error)) {
    return new StepFailure('storage-full', 'The disk of the database is full, and nothing was kept.', {
      cause: error,
    });
  }
  if (isDatabaseUnavailable(error)) {
    return new StepFailure('storage-unavailable', 'The database does not answer.', { cause: error });
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  if (isDatabaseRefusal(error))
    return new StepFailure('storage-refused', `The database said: ${what}.`, { cause: error });
  return new StepFailure('internal-error', `${what}.`, { cause: error, final: attempt >= mostUnexpected });
}

/** The failure a person is shown for what an attempt threw. */
export function toFailure(error: StepFailure, { step, item = null, attempt }: Partial<AttemptName>): Failure {
  const row = failures[error.code];
  const retryable = row.retryable && !error.options.final;
  return makeFailure(error.code, row, {
    detail: `${error.message} ${retryable ? again.yes : again.no}`,
    retryable,
    retryAfter: error.options.retryAfter,
    step,
    ...(item === null ? {} : { item }),
    attempt,
    provider: error.options.provider,
  });
}

/**
 * What Temporal is told: the code as the type, whether to try again and when, and the failure itself as the detail.
 * @param name left out for what fails before an attempt has begun
 */
export function toApplicationFailure(error: unknown, name: Partial<AttemptName> = {}): ApplicationFailure {
  const known = toStepFailure(error, name.attempt);
  const failure = toFailure(known, name);
  const wait = failure.retryAfter ?? known.options.nextTry;
  return ApplicationFailure.create({
    message: failure.detail,
    type: failure.code,
    nonRetryable: !failure.retryable,
    details: [failure],
    nextRetryDelay: wait === undefined ? undefined : wait * 1000,
  });
}
