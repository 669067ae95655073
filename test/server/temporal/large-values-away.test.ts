import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import type { ExtractArticleResult } from '../../../job-types/extract-article.js';
import type { Failure } from '../../../job-types/contract/failure.js';
import { type ApiProcess, startApiProcess } from '../../harness/api-process.js';
import { type TestDatabase, testDatabase } from '../../harness/database.js';
import { endsOf, unanimous } from '../../harness/ends.js';
import { historyPayloads } from '../../harness/history-payloads.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { review, reviewed, thousand, waitingWithThousand } from '../../harness/thousand-words.js';
import { until } from '../../harness/until.js';
import { whileTemporalBusy } from '../../harness/while-busy.js';
import { type TcpProxy, startTcpProxy } from '../../stand-ins/tcp-proxy.js';

jest.setTimeout(180_000);

let database: TestDatabase;
let proxy: TcpProxy;
let house: House;
/** Has read no job yet that it could remember. */
let forgetful: ApiProcess;

beforeAll(async () => {
  database = await testDatabase();
  const address = new URL(database.url);
  proxy = await startTcpProxy({ host: address.hostname, port: Number(address.port) });
  [address.hostname, address.port] = ['127.0.0.1', String(proxy.port)];
  house = await openHouse({ DATABASE_URL: address.href });
  forgetful = await startApiProcess(house.env);
  // It has to have seen once that there are no keys.
  await until(async () => (await fetch(`${forgetful.url}/v1/words`)).ok, { what: 'the other API answers' });
});
afterEach(() => proxy.restore());
afterAll(async () => {
  await forgetful.kill();
  await house.close();
  await proxy.close();
  await database.drop();
});

it.each(['cut', 'freeze'] as const)(
  'what needs a large value is refused as the outage that it is while the database is away (%s), and nothing else is',
  async (outage) => {
    const worker = await house.startWorker();
    const targetLang = outage === 'cut' ? 'fr' : 'de';
    const job = await waitingWithThousand(house, targetLang);
    const done = await waitingWithThousand(house, outage === 'cut' ? 'it' : 'pt');
    expect((await reviewed(house, done, thousand)).status).toBe(200);
    await endsOf(house, done.id);

    proxy[outage]();
    const from = performance.now();
    const refused = await review<Failure>(house, job, thousand);
    expect(refused).toMatchObject({ status: 503, body: { code: 'storage-unavailable', retryable: true } });
    const unread = await fetch(`${forgetful.url}/v1/jobs/${done.id}`);
    expect([unread.status, await unread.json()]).toMatchObject([503, { code: 'storage-unavailable' }]);
    const read = async () => {
      const answer = await fetch(`${forgetful.url}/v1/jobs/${job.id}`);
      return { status: answer.status, body: await answer.json() };
    };
    expect(await whileTemporalBusy(read)).toMatchObject({ status: 200, body: { status: 'waiting' } });
    process.stdout.write(
      `three answers while the database is away: ${Math.round(performance.now() - from)} ms\n`,
    );
    proxy.restore();

    await until(async () => (await review(house, job, thousand)).status === 200, {
      what: 'the answer is taken',
    });
    const { job: _, ...ends } = await endsOf(house, job.id);
    expect(ends).toEqual(unanimous.succeeded(1000));
    await worker.stop();
  },
);

it('a workflow that cannot be told its large values is told later, and does not fail', async () => {
  const first = await house.startWorker();
  const job = await waitingWithThousand(house, 'nl');
  // The next one has to replay the history, with what it refers to.
  await house.startWorker();
  await first.kill();
  proxy.cut();
  const answered = until(async () => (await review(house, job, thousand.slice(1, 3))).status === 200, {
    what: 'the answer is taken',
  });
  const at = performance.now();
  await until(
    async () => {
      const { raw } = await house.temporal.workflow.getHandle(job.id).describe();
      return (raw.pendingWorkflowTask?.attempt ?? 0) > 1;
    },
    { what: 'the workflow task is tried again' },
  );
  proxy.restore();
  const back = performance.now();
  await answered;
  const { job: end, ...ends } = await endsOf(house, job.id);
  const [failedMs, recoveredMs] = [back - at, performance.now() - back].map(Math.round);
  process.stdout.write(
    `the task failed after ${failedMs} ms, and the job ended ${recoveredMs} ms after the outage\n`,
  );
  expect(ends).toEqual(unanimous.succeeded(2));
  expect((end.result as ExtractArticleResult).words).toEqual(thousand.slice(1, 3));
  const { events } = await historyPayloads(house.temporal, job.id);
  expect(events).toContain('EVENT_TYPE_WORKFLOW_TASK_FAILED');
});

failOnLeftovers();
