import type { Failure } from '../../client/index.js';

/** What the API says of a request that it refuses. Without a connection there is no failure to show but our own. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(readonly failure: Failure) {
    super(failure.detail);
  }
}

const unreachable: Failure = {
  type: '/problems',
  title: 'The API cannot be reached',
  status: 0,
  detail: 'Nothing is lost: the page asks again by itself.',
  code: 'unreachable',
  retryable: true,
};

export const isFailure = (value: unknown): value is Failure =>
  typeof value === 'object' && value !== null && 'code' in value && 'detail' in value;

export const toFailure = (error: unknown): Failure => {
  if (error instanceof ProblemError) return error.failure;
  return isFailure(error) ? error : unreachable;
};

interface Answered<Data> {
  data?: Data;
  error?: unknown;
  response?: Response;
}

/** @throws {ProblemError} */
export async function ask<Data>(call: Promise<Answered<Data>>): Promise<Data> {
  let answer: Answered<Data>;
  try {
    answer = await call;
  } catch (error) {
    throw new ProblemError(toFailure(error));
  }
  if (answer.data === undefined) throw new ProblemError(toFailure(answer.error));
  return answer.data;
}
