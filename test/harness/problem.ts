import { expect } from '@jest/globals';
import { Failure } from '../../job-types/contract/failure.js';

/** An answer as `api.inject()` gives it: not yet parsed, so that its content type can be checked. */
export interface RawAnswer {
  statusCode: number;
  headers: Record<string, unknown>;
  body: string;
}

const StrictFailure = Failure.strict();

/** Checks that an answer is a problem in every respect all of them share, and gives it parsed. */
export function problemIn(answer: RawAnswer): Failure {
  expect(String(answer.headers['content-type'])).toMatch(/^application\/problem\+json(;|$)/);
  const problem = StrictFailure.parse(JSON.parse(answer.body));
  expect(problem.status).toBe(answer.statusCode);
  expect(problem.type).toBe(`/problems/${problem.code}`);
  expect(problem.detail).toMatch(/\S.*[.!?]$/s);
  return problem;
}

/** The fields a problem complains about, sorted, each once. */
export const pointersOf = (problem: Failure): string[] =>
  [...new Set(problem.errors?.map(({ pointer }) => pointer))].toSorted();

/** The status of an answer, checked to be a problem when it is a refusal. */
export const checkedStatus = (answer: RawAnswer): number =>
  answer.statusCode >= 400 ? problemIn(answer).status : answer.statusCode;
