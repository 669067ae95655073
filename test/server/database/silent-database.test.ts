import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { Job } from '../../../job-types/contract/job.js';
import { type TestDatabase, testDatabase } from '../../harness/database.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { leastMs } from '../../harness/prompt.js';
import { until } from '../../harness/until.js';
import { whileTemporalBusy } from '../../harness/while-busy.js';
import { type TcpProxy, startTcpProxy } from '../../stand-ins/tcp-proxy.js';

jest.setTimeout(180_000);

/** Below the 3 s and 11 s after which a connection and a query give up by themselves, with room for a slow machine. */
const soonMs = 2_500;
/** Below those 11 s, for which whoever goes on with a dead connection waits each time. */
const soonAgainMs = 10_000;

let database: TestDatabase;
/** Between the API and its database. */
let proxy: TcpProxy;
let house: House;
/** Of which the model has begun to answer. */
let running: Job;

beforeAll(async () => {
  database = await testDatabase();
  const direct = new URL(database.url);
  proxy = await startTcpProxy({ host: direct.hostname, port: Number(direct.port) });
  const proxied = new URL(database.url);
  proxied.hostname = '127.0.0.1';
  proxied.port = String(proxy.port);
  house = await openHouse({ DATABASE_URL: proxied.href, MODEL: 'openai/hang-mid-stream' });
  await house.startWorker({ DATABASE_URL: database.url });
  running = await house.submit();
  await until(() => house.models.calls[0]?.bytesSent, { what: 'the model has begun to answer' });
  await house.jobWhen(running.id, 'it runs', ({ status }) => status === 'running');
  proxy.freeze();
});
afterAll(async () => {
  proxy.restore();
  await house.close();
  await proxy.close();
  await database.drop();
});

const timed = async <T>(method: 'GET' | 'POST', path: string, body?: unknown) => {
  const from = performance.now();
  const answer = await whileTemporalBusy(() => house.request<T>(method, path, body));
  return { ...answer, ms: performance.now() - from };
};
const article = () => ({
  type: 'extractArticle',
  input: { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' },
});

describe('a database that has stopped, and is not gone', () => {
  it.each<[string, 'GET' | 'POST', () => string, () => unknown, number]>([
    ['the words are listed', 'GET', () => '/v1/words', () => undefined, 503],
    ['a job is estimated', 'GET', () => '/v1/job-types/ask/estimate', () => undefined, 503],
    ['usage is summed up', 'GET', () => '/v1/usage', () => undefined, 503],
    [
      'a job with a concurrency key is submitted',
      'POST',
      () => '/v1/jobs',
      () => ({ ...article(), concurrencyKey: randomUUID() }),
      503,
    ],
    ['a job is submitted', 'POST', () => '/v1/jobs', article, 202],
    ['jobs are listed', 'GET', () => '/v1/jobs', () => undefined, 200],
    ['a job is read', 'GET', () => `/v1/jobs/${running.id}`, () => undefined, 200],
    ['the events of a job are read', 'GET', () => `/v1/jobs/${running.id}/events`, () => undefined, 503],
    ['a job is cancelled', 'POST', () => `/v1/jobs/${running.id}/cancel`, () => ({}), 202],
  ])('is not waited for long when %s', async (_, method, path, body, expected) => {
    const least = await leastMs(soonMs, async () => {
      const { status, ms, body: said } = await timed<Partial<Failure>>(method, path(), body());
      expect({ status, code: expected === 503 ? said.code : undefined }).toEqual({
        status: expected,
        code: expected === 503 ? 'storage-unavailable' : undefined,
      });
      return ms;
    });
    expect(least).toBeLessThan(soonMs);
  });

  it('and is used again soon after it has come back', async () => {
    const wordsAre = (status: number, what: string) =>
      until(async () => (await house.request('GET', '/v1/words')).status === status, { what });
    const least = await leastMs(soonAgainMs, async () => {
      proxy.freeze();
      await wordsAre(503, 'the words are missed');
      proxy.restore();
      const from = performance.now();
      await wordsAre(200, 'the words are listed again');
      return performance.now() - from;
    });
    expect(least).toBeLessThan(soonAgainMs);
    expect((await house.jobWhen(running.id, 'it has stopped', ({ done }) => done)).status).toBe('cancelled');
  });
});

failOnLeftovers();
