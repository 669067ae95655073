import { expect, it } from '@jest/globals';
import { ServiceError } from '@temporalio/client';
import { isTemporalUnavailable } from '../../src/temporal/temporal-client.js';

/** What gRPC throws, as the SDK hands it on. */
function thrown(code: number, details = ''): ServiceError {
  const cause = Object.assign(new Error(details), { code, details, metadata: {} });
  return new ServiceError('a call failed', { cause });
}

it.each([
  ['is stopped by its own deadline', thrown(4)],
  ['is cancelled', thrown(1)],
  ['finds no server', thrown(14)],
  ['loses its server on the way', thrown(13, 'Received RST_STREAM with code 2 (Internal server error)')],
  ['gets no word before the connection closes', thrown(13, 'Call ended without gRPC status')],
  ['is aborted by a server that shuts down', thrown(10, 'shard closed')],
  ['meets a server that cannot read its storage', thrown(2, 'sql: database is closed')],
  ['meets a server with too much to do', thrown(8)],
])('a call that %s may work later', (_, error) => {
  expect(isTemporalUnavailable(error)).toBe(true);
});

it.each([
  ['an argument that is not valid', thrown(3)],
  ['what is not there', thrown(5)],
  ['what is there already', thrown(6)],
  ['a certificate that is not valid', thrown(13, 'Received RST_STREAM with code 2 (SSL alert number 48)')],
  ['an error of our own', new TypeError('undefined is not a function')],
])('a call that is refused for %s will not', (_, error) => {
  expect(isTemporalUnavailable(error)).toBe(false);
});
