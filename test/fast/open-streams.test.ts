import { afterAll, expect, it } from '@jest/globals';
import type { Authenticator } from '../../src/auth/authenticator.js';
import { loadConfig } from '../../src/config.js';
import { type OpenStream, OpenStreams } from '../../src/events/open-streams.js';
import type { Problem } from '../../src/problems/problems.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';

/** What the keys say when they are checked. */
let check: () => Promise<boolean>;
const authenticator: Pick<Authenticator, 'stillValid'> = { stillValid: () => check() };
const streams = new OpenStreams(authenticator as Authenticator, loadConfig({}));
streams.onApplicationBootstrap();
afterAll(() => streams.onModuleDestroy());

async function refusalWhen(checked: () => Promise<boolean>): Promise<Problem> {
  check = checked;
  let refused: Problem | null = null;
  const stream: OpenStream = { leave: () => undefined, refuse: (problem) => void (refused = problem) };
  const release = streams.enter(stream, { owner: 'anna', keyId: '0123456789ab', pass: null });
  const problem = await until(() => refused, { what: 'the stream is ended' });
  release();
  return problem;
}

it('a stream whose key is revoked ends as not authenticated', async () => {
  expect((await refusalWhen(() => Promise.resolve(false))).toFailure()).toMatchObject({
    code: 'unauthenticated',
    status: 401,
    retryable: false,
  });
});

it('a stream whose key cannot be checked any more ends as something that passes', async () => {
  const away = Object.assign(new Error('no answer after 500 ms'), { code: 'ETIMEDOUT' });
  const failure = (await refusalWhen(() => Promise.reject(away))).toFailure();
  expect(failure).toMatchObject({ code: 'storage-unavailable', status: 503, retryable: true });
  expect(failure.retryAfter).toBeGreaterThan(0);
});

failOnLeftovers();
