import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { loadConfig } from '../../../src/config.js';
import { Store } from '../../../src/database/store.js';
import { isDatabaseUnavailable } from '../../../store/unavailable.js';
import { type TestDatabase, testDatabase } from '../../harness/database.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { lockTable } from '../../harness/table-lock.js';
import { until } from '../../harness/until.js';

const silentMs = 200;

let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  database = await testDatabase();
  store = new Store(loadConfig({ DATABASE_URL: database.url }));
  await store.migrate();
});
afterAll(async () => {
  await store.onApplicationShutdown();
  await database.drop();
});

const request = () =>
  store.cancellations.request({
    jobId: 'job_busy',
    runId: 'run',
    mode: 'graceful',
    reason: null,
    gracePeriod: 30,
    by: null,
  });

it('a database that answers nobody is not waited for', async () => {
  const lock = await lockTable(database.url, 'cancellations');
  const written = request();
  const error: unknown = await store.soon(silentMs, written).catch((late: unknown) => late);
  expect(isDatabaseUnavailable(error)).toBe(true);
  await lock.release();
  await written;
});

it('a database that answers others is waited for longer', async () => {
  const isWaitedFor = async () => {
    const lock = await lockTable(database.url, 'cancellations');
    const asked = performance.now();
    const written = store.soon(silentMs, request());
    // Looked at below, and perhaps not before it has failed.
    written.catch(() => undefined);
    try {
      while (performance.now() - asked < 4 * silentMs) await store.ping();
    } finally {
      await lock.release();
    }
    await written;
    return performance.now() - asked;
  };
  // On a busy machine it may be silent for so long between two of its answers.
  const tookMs = await until(isWaitedFor, { what: 'a database that answers others is waited for' });
  expect(tookMs).toBeGreaterThan(4 * silentMs);
});

failOnLeftovers();
