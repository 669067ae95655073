import { UnprocessableEntityException } from '@nestjs/common';
import { JobRequest } from '../jobs/job-request.js';
import { Problem } from '../problems/problems.js';

/**
 * A request that a translator has made of what another system's client sent.
 * @param names what its page calls the fields of our input, where that differs
 * @throws {UnprocessableEntityException} with a sentence: a page of such a system shows what is refused as text
 */
export function checkedRequest(
  request: { type: string; input: object; onConflict?: string },
  names: Readonly<Record<string, string>> = {},
): JobRequest {
  const parsed = JobRequest.safeParse(request);
  if (parsed.success) return parsed.data;
  const [{ path, message } = { path: [], message: 'not valid' }] = parsed.error.issues;
  const place = path.slice(1).map((part) => names[String(part)] ?? String(part));
  throw new UnprocessableEntityException(`The request cannot be used: ${[...place, message].join(' ')}.`);
}

/** A refusal that points at fields, which those clients do not have, in its own sentence. */
export function inASentence(error: unknown): unknown {
  const points = error instanceof Problem && error.options.errors !== undefined;
  if (!points) return error;
  const [first] = error.options.errors ?? [];
  if (!first) return new UnprocessableEntityException(error.message);
  const field = first.pointer.split('/').at(-1) ?? '';
  return new UnprocessableEntityException(
    `${error.message} ${[field, first.detail].filter(Boolean).join(' ')}`,
  );
}
