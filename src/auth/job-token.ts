import { Problem } from '../problems/problems.js';
import type { TokenUse } from '../openapi/route-marks.js';
import type { Pass } from './authenticator.js';

/** What a request asks for. */
interface Wish {
  /** What the route lets tokens do; undefined: nothing. */
  use: TokenUse | undefined;
  params: unknown;
}

/**
 * The token of a job is for that job alone. What is not said to be for tokens is not.
 * @throws {Problem} outside-token, key-in-url
 */
export function keepToJob(pass: Pass | null, { use, params }: Wish = { use: undefined, params: null }): void {
  if (!pass?.job) return;
  const { id, access } = pass.job;
  if (!use || idIn(params) !== id) {
    throw new Problem('outside-token', `The token is for the job ${id} alone.`);
  }
  if (use.access === 'read-and-cancel' && access === 'read') {
    throw new Problem('outside-token', 'The token reads the job, and does not cancel it.');
  }
  // Addresses are kept where nobody looks for secrets; what is there must not be able to do anything.
  if (pass.inAddress && (!use.inAddress || access !== 'read')) {
    throw new Problem('key-in-url', 'A token in the address reads events, and can do nothing else.');
  }
}

const idIn = (params: unknown): unknown =>
  typeof params === 'object' && params !== null && 'id' in params ? params.id : undefined;
