import { isUtf8 } from 'node:buffer';
import { deepPlace } from '../../../job-types/contract/json-depth.js';
import { depthLimit } from '../../limits.js';
import { Problem } from '../../problems/problems.js';
import { toValidationProblem } from '../../problems/validation.js';

/**
 * The body of a route whose `RouteConfig` says `jsonOfAnyType`; undefined without one.
 * @throws {Problem} malformed-json, validation-failed
 */
export function jsonIn(body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0) return undefined;
  if (!isUtf8(body)) throw new Problem('malformed-json', 'The body is not in UTF-8, as JSON has to be.');
  const value = parsedJson(body.toString());
  const path = deepPlace(value, depthLimit);
  if (path) throw toValidationProblem([{ path, message: `stands deeper than ${depthLimit} levels` }]);
  return value;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem('malformed-json', 'The body is not JSON.', { cause: error });
  }
}
