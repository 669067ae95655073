import type { Failure } from '../../client/index.js';
import { toFailure as failureIn } from '../../client/react/to-failure.js';

/** What the API says of a request that it refuses. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(readonly failure: Failure) {
    super(failure.detail);
  }
}

export const toFailure = (error: unknown): Failure =>
  error instanceof ProblemError ? error.failure : failureIn(error);

/** How long a refusal asks to wait, in ms; 0 where it asks for nothing. */
export const askedMs = (error: unknown): number => (toFailure(error).retryAfter ?? 0) * 1_000;

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
