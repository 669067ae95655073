import { createHash } from 'node:crypto';
import { Problem } from '../problems/problems.js';

const sealBytes = 8;

const sealOf = (query: string): Buffer => createHash('sha256').update(query).digest().subarray(0, sealBytes);

/** A token is good for the list it came from: Temporal does not check that, and fails oddly on what is none. */
export const sealPageToken = (token: Uint8Array, query: string): string =>
  Buffer.concat([sealOf(query), token]).toString('base64url');

/** @throws {Problem} validation-failed, for a token of another list */
export function openPageToken(token: string, query: string): Buffer {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length <= sealBytes || !bytes.subarray(0, sealBytes).equals(sealOf(query))) throw badPageToken();
  return bytes.subarray(sealBytes);
}

export function badPageToken(cause?: unknown): Problem {
  const errors = [
    { pointer: '/pageToken', detail: 'not a token that this list, with these filters, gave out' },
  ];
  return new Problem('validation-failed', 'The page token is not valid.', { errors, cause });
}
