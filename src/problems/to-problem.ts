import { HttpException } from '@nestjs/common';
import { isDatabaseFull, isDatabaseUnavailable } from '../../store/unavailable.js';
import { answerLimit, bodyLimit } from '../limits.js';
import { behind, isTemporalUnavailable } from '../temporal/temporal-client.js';
import { Problem, type ProblemCode } from './problems.js';

/** What Fastify and Nest answer by themselves, by HTTP status. */
const byStatus: Readonly<Record<number, ProblemCode>> = {
  404: 'not-found',
  415: 'unsupported-media-type',
};

/** Seconds a client waits before it repeats a request that met an outage. */
const outageRetryAfter = 2;

/** Seconds until somebody may have made room. */
const fullRetryAfter = 60;

/** The problem behind whatever a handler, Nest or Fastify threw. The unexpected becomes `internal-error`. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isTemporalUnavailable(error)) {
    const options = { retryAfter: outageRetryAfter, cause: error };
    return new Problem('temporal-unavailable', 'The Temporal server did not answer in time.', options);
  }
  if (isDatabaseFull(behind(error))) {
    const options = { retryAfter: fullRetryAfter, cause: error };
    return new Problem('storage-full', 'The disk of the database is full. Nothing was kept.', options);
  }
  if (isDatabaseUnavailable(behind(error))) {
    const options = { retryAfter: outageRetryAfter, cause: error };
    return new Problem('storage-unavailable', 'The database does not answer.', options);
  }
  const status = statusOf(error);
  const said = error instanceof Error ? error.message : String(error);
  if (status === 400) {
    const code = error instanceof SyntaxError || /JSON/.test(said) ? 'malformed-json' : 'malformed-request';
    return new Problem(code, sentence(said), { cause: error });
  }
  if (status === 413) {
    const detail = `A body may have ${bodyLimit} bytes, a person's answer, profile or document ${answerLimit}.`;
    return new Problem('payload-too-large', detail, { cause: error });
  }
  // An id too long for the router is an id that nothing has.
  if (status === 414) return new Problem('not-found', 'Nothing has so long an address.', { cause: error });
  const known = status === null ? undefined : byStatus[status];
  if (known) return new Problem(known, sentence(said), { cause: error });
  if (status !== null && status < 500)
    return new Problem('malformed-request', sentence(said), { cause: error });
  return new Problem('internal-error', 'Something went wrong while answering.', { cause: error });
}

function statusOf(error: unknown): number | null {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number')
    return error.statusCode;
  return null;
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
