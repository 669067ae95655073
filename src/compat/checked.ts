import { UnprocessableEntityException } from '@nestjs/common';
import { JobRequest } from '../jobs/job-request.js';
import { Problem } from '../problems/problems.js';

/**
 * A request that a translator has made of what another system's client sent.
 * @throws {UnprocessableEntityException} with a sentence: a page of such a system shows what is refused as text
 */
export function checkedRequest(request: { type: string; input: object; onConflict?: string }): JobRequest {
  const parsed = JobRequest.safeParse(request);
  if (parsed.success) return parsed.data;
  const [{ path, message } = { path: [], message: 'not valid' }] = parsed.error.issues;
  throw new UnprocessableEntityException(
    `The request cannot be used: ${path.slice(1).join(' ')} ${message}.`,
  );
}

/** A refusal that points at fields, which those clients do not have, in its own sentence. */
export function inASentence(error: unknown): unknown {
  const points = error instanceof Problem && error.options.errors !== undefined;
  if (!points) return error;
  const [first] = error.options.errors ?? [];
  return new UnprocessableEntityException(first ? `${error.message} ${first.detail}` : error.message);
}
