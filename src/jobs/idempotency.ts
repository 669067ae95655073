import { createHash } from 'node:crypto';
import { canonicalJson } from '../../job-types/contract/canonical-json.js';
import { Problem } from '../problems/problems.js';

/** Of a submit that carries an Idempotency-Key: which job it means, and what it said. */
export interface Keyed {
  jobId: string;
  fingerprint: string;
}

/** Visible ASCII, as the draft standard's string has it; quotes around it are optional. */
const wellFormed = /^[\x21-\x7e]{1,255}$/;

/** @param job that the key stands for, where there is one that can be looked at */
export const keyReused = (job?: string): Problem =>
  new Problem('idempotency-key-reused', 'This Idempotency-Key was used before, with another body.', {
    ...(job === undefined ? {} : { job }),
  });

/** @throws {Problem} idempotency-key-invalid */
export function keyed(header: string, { owner, body }: { owner: string; body: unknown }): Keyed {
  const key = header.replace(/^"(.*)"$/, '$1');
  if (!wellFormed.test(key)) {
    throw new Problem(
      'idempotency-key-invalid',
      'The Idempotency-Key is not 1 to 255 visible ASCII characters.',
    );
  }
  const hash = (text: string) => createHash('sha256').update(text).digest('base64url');
  return { jobId: `job_${hash(`${owner}\n${key}`)}`, fingerprint: hash(canonicalJson(body)) };
}
