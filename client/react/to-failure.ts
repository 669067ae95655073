import type { Failure } from '../types.gen.js';

/** Without a connection there is no failure to show but our own. */
const unreachable: Failure = {
  type: '/problems',
  title: 'The API cannot be reached',
  status: 0,
  detail: 'Nothing is lost: what is shown is read again by itself, and what was sent can be sent again.',
  code: 'unreachable',
  retryable: true,
};

/** Whether it is what the API says of a refusal. */
export const isFailure = (value: unknown): value is Failure =>
  typeof value === 'object' && value !== null && 'code' in value && 'detail' in value;

/** What the API says of a request that it refuses, or that it could not be asked. */
export const toFailure = (error: unknown): Failure => (isFailure(error) ? error : unreachable);
