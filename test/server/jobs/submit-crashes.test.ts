import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Job } from '../../../job-types/contract/job.js';
import { type GrpcProxy, type Held, startGrpcProxy } from '../../../scripts/stand-ins/grpc-proxy.js';
import { type ApiProcess, startApiProcess } from '../../harness/api-process.js';
import { endsOf, unanimous } from '../../harness/ends.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

/** Works, and is the other API process a client finds. */
let house: House;
/** Between the API that is killed and Temporal. */
let proxy: GrpcProxy;
let doomed: ApiProcess;

beforeAll(async () => {
  house = await openHouse();
  proxy = await startGrpcProxy(house.env['TEMPORAL_ADDRESS'] ?? '');
  [doomed] = await Promise.all([startDoomed(), house.startWorker()]);
});
afterEach(async () => {
  doomed = await startDoomed(doomed.port);
});
afterAll(async () => {
  await doomed.kill();
  await proxy.close();
  await house.close();
});

/** Its submits go through the proxy. */
const startDoomed = (at?: number) => startApiProcess({ ...house.env, TEMPORAL_ADDRESS: proxy.address }, at);

const request = (more: Record<string, unknown> = {}) => ({
  type: 'extractArticle',
  input: { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr', wordCount: 3 },
  ...more,
});

interface Submit {
  url: string;
  key: string;
  body: unknown;
}

const submit = ({ url, key, body }: Submit): Promise<Response> =>
  fetch(`${url}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });

/** Submits, and kills the API while its call of Temporal is on the way there, or its answer on the way back. */
async function killedWhile(held: Held, { key, body }: Omit<Submit, 'url'>) {
  const hold = proxy.hold('StartWorkflowExecution', held);
  const answer = submit({ url: doomed.url, key, body }).then(
    ({ status }) => status,
    () => 'none',
  );
  await hold.reached;
  await doomed.kill();
  expect(await answer).toBe('none');
  return hold;
}

/**
 * @returns `replayed` as the first answer says it that is not 503. A start that a busy Temporal was late to answer may
 * have started the job, which the next answer then replays: `inDoubt`.
 */
async function repeat(url: string, { key, body }: Omit<Submit, 'url'>) {
  let asked = 0;
  const ask = () => {
    asked += 1;
    return submit({ url, key, body });
  };
  const answer = await whileBusy(ask, ({ status }) => status);
  const job = (await answer.json()) as Job;
  const replayed = answer.headers.get('idempotency-replayed');
  return { status: answer.status, replayed, job, inDoubt: asked > 1 };
}

/** Every run that Temporal has under the id, once the newest is listed as closed: visibility follows within a second or so. */
async function runsOf(id: string): Promise<string[]> {
  const { runId } = await house.temporal.workflow.getHandle(id).describe();
  const listed = async () => {
    const runs = [];
    for await (const run of house.temporal.workflow.list({ query: `WorkflowId = '${id}'` })) runs.push(run);
    return runs.some((run) => run.runId === runId && run.status.name !== 'RUNNING') && runs;
  };
  return (await until(listed, { what: 'the run is listed as closed' })).map((run) => run.runId);
}

/** The job has one run, which ends well, and everybody says so. @returns the id of the run */
async function endsOnce(id: string): Promise<string | undefined> {
  const { job, ...ends } = await endsOf(house, id);
  expect({ ...ends, savedWords: 0 }).toEqual(unanimous.succeeded(0));
  expect(job.steps.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
  const runs = await runsOf(id);
  expect(runs).toHaveLength(1);
  return runs[0];
}

describe('an API that is killed when it has started a job and not heard so', () => {
  it('leaves a job that is found by repeating the submit at another API', async () => {
    const attempt = { key: randomUUID(), body: request() };
    const hold = await killedWhile('answer', attempt);
    const { status, replayed, job } = await repeat(house.url, attempt);
    expect([200, 202]).toContain(status);
    expect(replayed).toBe('true');
    await hold.release();
    await endsOnce(job.id);
  });

  it('leaves a job that is found by repeating the submit when it is back', async () => {
    const attempt = { key: randomUUID(), body: request() };
    const hold = await killedWhile('answer', attempt);
    await hold.release();
    doomed = await startDoomed(doomed.port);
    const { replayed, job } = await repeat(doomed.url, attempt);
    expect(replayed).toBe('true');
    await endsOnce(job.id);
    await doomed.kill();
  });
});

describe('an API that is killed before its start has reached Temporal', () => {
  it('leaves nothing, and the repeated submit starts the job', async () => {
    const attempt = { key: randomUUID(), body: request() };
    const hold = await killedWhile('request', attempt);
    const { status, replayed, job, inDoubt } = await repeat(house.url, attempt);
    expect([status, replayed]).toEqual(inDoubt ? [status, replayed] : [202, 'false']);
    await hold.release();
    await endsOnce(job.id);
  });

  it('starts no second run when it reaches Temporal after all, once the job has ended', async () => {
    const attempt = { key: randomUUID(), body: request() };
    const hold = await killedWhile('request', attempt);
    const { job } = await repeat(house.url, attempt);
    const runId = await endsOnce(job.id);
    await hold.release();
    expect(await endsOnce(job.id)).toBe(runId);
  });

  it('leaves a place in the queue of its concurrency key, which the repeated submit takes', async () => {
    const concurrencyKey = randomUUID();
    const attempt = { key: randomUUID(), body: request({ concurrencyKey }) };
    const hold = await killedWhile('request', attempt);
    expect(await places(concurrencyKey)).toHaveLength(1);
    const { status, job, inDoubt } = await repeat(house.url, attempt);
    expect(inDoubt ? [200, 202] : [202]).toContain(status);
    await hold.release();
    await endsOnce(job.id);
    expect(await places(concurrencyKey)).toEqual([]);
  });

  it('leaves a place that others take after 30 s, when nobody repeats it', async () => {
    const concurrencyKey = randomUUID();
    const hold = await killedWhile('request', { key: randomUUID(), body: request({ concurrencyKey }) });
    const early = await house.start(request({ concurrencyKey, onConflict: 'reject' }));
    expect(early.status).toBe(409);
    await sql`update concurrency_queue set entered_at = now() - interval '31 seconds'
      where key = ${concurrencyKey}`.execute(house.db);
    const late = await house.start(request({ concurrencyKey, onConflict: 'reject' }));
    expect(late.status).toBe(202);
    await endsOnce(late.body.id);
    await hold.release();
  });
});

const places = (key: string) =>
  house.db.selectFrom('concurrency_queue').select('job_id').where('key', '=', key).execute();

failOnLeftovers();
