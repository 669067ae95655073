import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import type { Job } from '../../../job-types/contract/job.js';
import { identify } from '../../../scripts/local/processes.js';
import type { JobList } from '../../../src/jobs/job-list.js';
import type { ReadinessView } from '../../../src/health/readiness.js';
import { TemporalClient } from '../../../src/temporal/temporal-client.js';
import { stepOf } from '../../harness/ends.js';
import { type Answer, type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { type OwnServers, ownServers } from '../../harness/own-servers.js';
import { leastMs, promptMs } from '../../harness/prompt.js';
import { type RpcCounter, countRpcs } from '../../harness/rpc-counter.js';
import { saveStarted } from '../../harness/save-started.js';
import { lockTable } from '../../harness/table-lock.js';
import { until } from '../../harness/until.js';
import { whileTemporalBusy } from '../../harness/while-busy.js';
import type { WorkerProcess } from '../../harness/worker-process.js';

jest.setTimeout(180_000);

let servers: OwnServers;
let house: House;
let rpcs: RpcCounter;
let worker: WorkerProcess;

beforeAll(async () => {
  servers = await ownServers();
  house = await openHouse(servers.env);
  rpcs = countRpcs(house.api.get(TemporalClient).connection);
  worker = await house.startWorker();
});
afterAll(async () => {
  await house.close();
  await servers.close();
});

const readiness = () => house.request<ReadinessView>('GET', '/readyz');
const ready = () => until(async () => (await readiness()).body.ready, { what: 'the API is ready' });

async function savedWords(jobId: string): Promise<number> {
  const client = new pg.Client({ connectionString: servers.postgres.url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from words where job_id = $1', [jobId]);
    return rowCount ?? 0;
  } finally {
    await client.end();
  }
}

/** A request and how long its answer took. */
async function timed<T>(method: 'GET' | 'POST', path: string, body?: unknown) {
  const at = performance.now();
  const answer: Answer<T> = await house.request<T>(method, path, body);
  return { ...answer, ms: performance.now() - at };
}

describe.each(['killed', 'frozen'] as const)('with Temporal %s', (how) => {
  let id: string;
  let finished: string;
  let submitted: Promise<Answer<Job>>;

  beforeAll(async () => {
    const first = await house.submit();
    await house.jobWhen(first.id, 'a job is done', ({ done }) => done);
    finished = first.id;
    const input = { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'pt' };
    submitted = house.request<Job>(
      'POST',
      '/v1/jobs',
      { type: 'extractArticle', input, delay: 3_600, tags: [how] },
      { prefer: 'wait=30' },
    );
    const listed = () => house.request<JobList>('GET', `/v1/jobs?status=active&tag=${how}`);
    await until(async () => (await listed()).body.items.length > 0, {
      what: 'the job that is waited for has started',
    });
    // Last: its model is done after a time, and Temporal has to be gone before that.
    house.models.next('slow', { durationMs: 3_000 });
    const before = house.models.calls.length;
    ({ id } = await house.submit());
    await until(() => house.models.calls.length > before, { what: 'the model is asked' });
    process.kill(servers.temporal.identity.pid, how === 'killed' ? 'SIGKILL' : 'SIGSTOP');
    if (how === 'killed') await servers.temporal.ended;
  });

  it.each<[string, 'GET' | 'POST', () => string, unknown]>([
    ['a job is read', 'GET', () => `/v1/jobs/${id}`, undefined],
    ['jobs are listed', 'GET', () => '/v1/jobs', undefined],
    ['a job is cancelled', 'POST', () => `/v1/jobs/${id}/cancel`, {}],
    [
      'a job is submitted',
      'POST',
      () => '/v1/jobs',
      {
        type: 'extractArticle',
        input: { url: 'http://127.0.0.1/', sourceLang: 'es', targetLang: 'fr' },
      },
    ],
  ])('the answer soon says so when %s', async (_, method, path, body) => {
    const least = await leastMs(promptMs, async () => {
      const { status, headers, body: problem, ms } = await timed(method, path(), body);
      expect({ status, problem }).toMatchObject({
        status: 503,
        problem: { type: '/problems/temporal-unavailable', code: 'temporal-unavailable', retryable: true },
      });
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(headers['content-type']).toContain('application/problem+json');
      return ms;
    });
    expect(least).toBeLessThan(promptMs);
  });

  it('pollers share the failure: a server that is late is not asked anew by each of them', async () => {
    const describes = () => rpcs.count('describeWorkflowExecution');
    let least = Number.POSITIVE_INFINITY;
    // A failure is shared for half a second, and a busy machine may need longer for all of them.
    for (let round = 0; round < 5 && least >= 5; round += 1) {
      const asked = describes();
      for (let n = 0; n < 20; n += 1) expect((await timed('GET', `/v1/jobs/${id}`)).status).toBe(503);
      least = Math.min(least, describes() - asked);
    }
    expect(least).toBeLessThan(5);
  });

  it('who submitted a job and waits for its end learns its id', async () => {
    const { status, body } = await submitted;
    expect({ status, body }).toMatchObject({ status: 202, body: { status: 'scheduled' } });
  });

  it('a finished job still answers from the archive', async () => {
    const least = await leastMs(promptMs, async () => {
      const { status, body, ms } = await timed<Job>('GET', `/v1/jobs/${finished}`);
      expect({ status, body }).toMatchObject({ status: 200, body: { status: 'succeeded', done: true } });
      return ms;
    });
    expect(least).toBeLessThan(promptMs);
  });

  it('readiness says so', async () => {
    const { status, body } = await readiness();
    expect({ status, body }).toMatchObject({ status: 503, body: { temporal: 'down', database: 'up' } });
    expect((await house.request('GET', '/healthz')).status).toBe(200);
  });

  it('the API recovers by itself, and nothing is lost', async () => {
    if (how === 'killed') await servers.restartTemporal();
    else process.kill(servers.temporal.identity.pid, 'SIGCONT');
    await until(async () => (await house.request('GET', `/v1/jobs/${id}`)).status === 200, {
      what: 'the API reads jobs again',
    });
    // The worker has to find the server again, and the step may wait for its next attempt.
    const job = await house.jobWhen(id, 'the job is done', ({ done }) => done, 120_000);
    expect(job.status).toBe('succeeded');
    await ready();
    const { body } = await submitted;
    expect((await house.job(body.id)).status).toBe('scheduled');
    await house.ask('POST', `/v1/jobs/${body.id}/cancel`);
  });
});

describe('with the database away', () => {
  let id: string;
  let saving: string;

  /** One job is in the middle of its save, another asks the model. */
  beforeAll(async () => {
    await lockTable(servers.postgres.url, 'words');
    ({ id: saving } = await house.submit({ targetLang: 'de' }));
    await saveStarted(house, saving);
    house.models.next('slow', { durationMs: 2_000 });
    const before = house.models.calls.length;
    ({ id } = await house.submit({ targetLang: 'it' }));
    await until(() => house.models.calls.length > before, { what: 'the model is asked' });
    await servers.postgres.stop();
  });

  it('the worker lives on', async () => {
    const outcome = await until(
      async () => {
        if (!identify(worker.pid)) return 'the worker is gone';
        return stepOf(await house.job(saving), 'save').nextRetryAt !== null && 'the save waits';
      },
      { what: 'the save that was interrupted waits for its next attempt' },
    );
    expect(outcome).toBe('the save waits');
  });

  it('readiness says so', async () => {
    const { status, headers, body } = await readiness();
    expect(status).toBe(503);
    expect(headers['retry-after']).toBeDefined();
    expect(body).toMatchObject({ ready: false, database: 'down', temporal: 'up' });
    expect((await house.request('GET', '/healthz')).status).toBe(200);
  });

  it('the status of a running job still answers', async () => {
    expect(await house.job(id)).toMatchObject({ status: 'running', done: false });
  });

  it('the vocabulary is refused with a problem that says so', async () => {
    const { status, headers, body } = await house.request('GET', '/v1/words');
    expect({ status, body }).toMatchObject({
      status: 503,
      body: { code: 'storage-unavailable', retryable: true },
    });
    expect(headers['retry-after']).toBeDefined();
  });

  it('a job is accepted', async () => {
    const input = { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' };
    const submit = () => house.request<Job>('POST', '/v1/jobs', { type: 'extractArticle', input });
    const { status } = await whileTemporalBusy(submit);
    expect(status).toBe(202);
  });

  it('the save is tried again, and the status says why', async () => {
    const job = await house.jobWhen(id, 'the save waits', (now) => stepOf(now, 'save').nextRetryAt !== null);
    expect(job).toMatchObject({ status: 'running', failure: null });
    expect(stepOf(job, 'save')).toMatchObject({
      status: 'retrying',
      lastFailure: { code: 'storage-unavailable', retryable: true, step: 'save' },
    });
  });

  it('the job ends well once the database is back, without another call to the model', async () => {
    await servers.restartPostgres();
    await ready();
    const job = await house.jobWhen(id, 'the job is done', ({ done }) => done);
    expect(job).toMatchObject({ status: 'succeeded', result: { newWords: 5, updatedWords: 0 } });
    expect(stepOf(job, 'save').attempt).toBeGreaterThan(1);
    expect(stepOf(job, 'extract').attempt).toBe(1);
    expect(await savedWords(id)).toBe(5);
  });

  it('a save that was interrupted happens once', async () => {
    const job = await house.jobWhen(saving, 'the job is done', ({ done }) => done);
    expect(job).toMatchObject({ status: 'succeeded', result: { newWords: 5, updatedWords: 0 } });
    expect(await savedWords(saving)).toBe(5);
  });
});

failOnLeftovers();
