import { STATUS_CODES } from 'node:http';
import { StepFailure } from '../../frame/step-failure.js';
import type { FailureCode } from '../../../job-types/contract/failures.js';
import { parseRetryAfter } from '../retry-after.js';

const byStatus: Readonly<Record<number, FailureCode>> = {
  401: 'page-forbidden',
  402: 'page-forbidden',
  403: 'page-forbidden',
  404: 'page-not-found',
  408: 'page-unavailable',
  410: 'page-not-found',
  425: 'page-unavailable',
  429: 'page-unavailable',
};

/** The step as a whole has five minutes: a site that asks for an hour is tried sooner, and then given up. */
const longestWaitSeconds = 120;

/** What an answer that is neither a page nor a redirect comes to. */
export function statusFailure(
  status: number,
  { where, retryAfter }: { where: string; retryAfter: string | undefined },
): StepFailure {
  const code = byStatus[status] ?? (status >= 500 ? 'page-unavailable' : 'page-refused');
  const name = STATUS_CODES[status] ? ` (${STATUS_CODES[status]})` : '';
  const asked = retryAfter === undefined ? null : parseRetryAfter({ 'retry-after': retryAfter });
  if (code !== 'page-unavailable' || asked === null) {
    return new StepFailure(code, `The server answered ${status}${name} for ${where}.`);
  }
  const seconds = Math.min(asked, longestWaitSeconds);
  return new StepFailure(
    code,
    `The server answered ${status}${name} for ${where}, and asked to wait ${asked} s.`,
    {
      retryAfter: seconds,
    },
  );
}
