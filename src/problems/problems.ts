import { failures } from '../../activities/failures.js';
import type { Failure } from '../../job-types/failure.js';

interface ProblemRow {
  title: string;
  status: number;
  retryable: boolean;
  advice: string;
}

/** Every way a request can be refused. The ways a job can fail are in `activities/failures.ts`. */
export const problems = {
  'malformed-json': {
    title: 'Body is not JSON',
    status: 400,
    retryable: false,
    advice: 'Send a JSON object with the header "Content-Type: application/json".',
  },
  'malformed-request': {
    title: 'Request could not be read',
    status: 400,
    retryable: false,
    advice: 'The detail says what is wrong with it.',
  },
  'job-not-found': {
    title: 'No such job',
    status: 404,
    retryable: false,
    advice: 'Check the id.',
  },
  'not-found': {
    title: 'Nothing here',
    status: 404,
    retryable: false,
    advice: 'The routes are listed at /docs.',
  },
  'not-finished': {
    title: 'Job has not finished',
    status: 409,
    retryable: true,
    advice: 'Read the job until "done" is true.',
  },
  'no-result': {
    title: 'Job ended without a result',
    status: 409,
    retryable: false,
    advice: 'The job itself says why it ended.',
  },
  'payload-too-large': {
    title: 'Body too large',
    status: 413,
    retryable: false,
    advice: 'Send less; large inputs belong at an address the job can fetch.',
  },
  'unsupported-media-type': {
    title: 'Body is of another media type',
    status: 415,
    retryable: false,
    advice: 'Send JSON with the header "Content-Type: application/json".',
  },
  'validation-failed': {
    title: 'Request is not valid',
    status: 422,
    retryable: false,
    advice: '"errors" points at each field that is wrong. Nothing was started.',
  },
  'unknown-job-type': {
    title: 'No such job type',
    status: 422,
    retryable: false,
    advice: 'The job types are listed at /v1/job-types. Nothing was started.',
  },
  'unknown-model': {
    title: 'Model not offered',
    status: 422,
    retryable: false,
    advice: 'Name one the operator listed (MODEL, MODELS), or none. Nothing was started.',
  },
  'internal-error': failures['internal-error'],
  'temporal-unavailable': {
    title: 'Temporal does not answer',
    status: 503,
    retryable: true,
    advice: 'Repeat the request after the time in Retry-After.',
  },
  'storage-unavailable': failures['storage-unavailable'],
} as const satisfies Record<string, ProblemRow>;

export type ProblemCode = keyof typeof problems;

export interface ProblemOptions {
  errors?: Failure['errors'];
  /** Seconds. */
  retryAfter?: number;
  cause?: unknown;
}

/** A refused request. `detail` is one sentence on what is wrong; what to do about it is added from the table. */
export class Problem extends Error {
  override name = 'Problem';

  constructor(
    readonly code: ProblemCode,
    detail: string,
    readonly options: ProblemOptions = {},
  ) {
    super(detail, { cause: options.cause });
  }

  toFailure(): Failure {
    const { title, status, retryable, advice } = problems[this.code];
    return {
      type: `/problems/${this.code}`,
      title,
      status,
      detail: `${this.message} ${advice}`,
      code: this.code,
      retryable,
      retryAfter: this.options.retryAfter,
      errors: this.options.errors,
    };
  }
}
