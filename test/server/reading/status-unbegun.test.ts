import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Job } from '../../../job-types/contract/job.js';
import { type GrpcProxy, startGrpcProxy } from '../../../scripts/stand-ins/grpc-proxy.js';
import { type ApiProcess, startApiProcess } from '../../harness/api-process.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { leastMs, nineInTenMs, promptMs } from '../../harness/prompt.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';
import type { WorkerProcess } from '../../harness/worker-process.js';

const processes = 3;
const pollersEach = 10;
const forMs = 3_000;
/** Of a poll, on a machine that does other things too. */
const quickMs = 2_500;
/** How long an API shares what it has heard about an open job, at least. */
const shareMs = 250;
/** How long an API sends no query after one without an answer. */
const queryPauseMs = 5_000;

let house: House;
/** Between the three API processes and Temporal. */
let proxy: GrpcProxy;
let apis: ApiProcess[];
let worker: WorkerProcess | undefined;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream' });
  proxy = await startGrpcProxy(house.env['TEMPORAL_ADDRESS'] ?? '');
  const env = { ...house.env, TEMPORAL_ADDRESS: proxy.address };
  apis = await Promise.all(Array.from({ length: processes }, () => startApiProcess(env)));
});
afterAll(async () => {
  await Promise.all(apis.map((api) => api.kill()));
  await proxy.close();
  await house.close();
});

interface Poll {
  job: Job;
  tookMs: number;
}

async function poll(api: ApiProcess, id: string): Promise<Poll> {
  const from = performance.now();
  let asked = 0;
  const ask = () => {
    asked += 1;
    return fetch(`${api.url}/v1/jobs/${id}`);
  };
  const answer = await whileBusy(ask, ({ status }) => status);
  const job = Job.parse(await answer.json());
  // One that is put off is not quick, however soon it is answered in the end.
  return { job, tookMs: asked > 1 ? Number.POSITIVE_INFINITY : performance.now() - from };
}

/** What many pollers hear from the three processes, and what their questions cost Temporal. */
async function pollAll(id: string) {
  const queries = proxy.calls('QueryWorkflow');
  const describes = proxy.calls('DescribeWorkflowExecution');
  const deadline = performance.now() + forMs;
  const polls: Poll[] = [];
  const poller = async (api: ApiProcess) => {
    while (performance.now() < deadline) polls.push(await poll(api, id));
  };
  const from = performance.now();
  await Promise.all(apis.flatMap((api) => Array.from({ length: pollersEach }, () => poller(api))));
  return {
    jobs: polls.map(({ job }) => job),
    tookMs: nineInTenMs(polls.map(({ tookMs }) => tookMs)),
    queries: proxy.calls('QueryWorkflow') - queries,
    describes: proxy.calls('DescribeWorkflowExecution') - describes,
    lastedMs: performance.now() - from,
  };
}

/** One a share in each process, and those at both ends. */
const mostDescribes = (lastedMs: number) => processes * (Math.ceil(lastedMs / shareMs) + 2);

const once = (values: unknown[]) =>
  [...new Set(values.map((value) => JSON.stringify(value)))].map((text) => JSON.parse(text) as unknown);

describe('three API processes that are asked by many', () => {
  it('answer alike and at once for a job that no worker has begun, which then runs', async () => {
    const { id, createdAt } = await house.submit();
    // Processes that have just started are slow, and so is a machine that does other things.
    const least = await leastMs(quickMs, async () => {
      const { jobs, tookMs, queries, describes, lastedMs } = await pollAll(id);
      expect(queries).toBe(0);
      expect(describes).toBeLessThanOrEqual(mostDescribes(lastedMs));
      expect(jobs.length).toBeGreaterThan(describes);
      // Everything but the clock's own share of it.
      expect(once(jobs.map((job) => ({ ...job, stalled: null })))).toMatchObject([
        { id, status: 'queued', done: false, startedAt: null, progress: { percent: 0, source: 'snapshot' } },
      ]);
      expect(Math.abs(Date.parse(jobs[0]?.createdAt ?? '') - Date.parse(createdAt))).toBeLessThan(promptMs);
      return tookMs;
    });
    expect(least).toBeLessThan(quickMs);

    worker = await house.startWorker();
    const ended = async () => {
      const polls = await Promise.all(apis.map((api) => poll(api, id)));
      return polls.every(({ job }) => job.done) && once(polls.map(({ job }) => job)).length === 1 && polls;
    };
    const [end] = await until(ended, { what: 'the job has ended, as all say alike' });
    expect(end?.job).toMatchObject({ id, status: 'succeeded' });
  });

  it('do not pile up questions to the worker that has gone from a job', async () => {
    worker ??= await house.startWorker();
    const { id } = await house.submit({ model: 'openai/hang-mid-stream' });
    await house.jobWhen(id, 'the model is asked', ({ steps }) => steps[1]?.status === 'running');
    await worker.kill();
    const least = await leastMs(quickMs, async () => {
      const { jobs, tookMs, queries, describes, lastedMs } = await pollAll(id);
      expect(queries).toBeLessThanOrEqual(processes * Math.ceil(lastedMs / queryPauseMs));
      expect(describes).toBeLessThanOrEqual(mostDescribes(lastedMs));
      expect(once(jobs.map(({ status, done }) => ({ status, done })))).toEqual([
        { status: 'running', done: false },
      ]);
      return tookMs;
    });
    expect(least).toBeLessThan(quickMs);
    await house.temporal.workflow.getHandle(id).terminate();
  });
});

failOnLeftovers();
