import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Job } from '../../../job-types/contract/job.js';
import { look } from '../../../src/reading/freshness.js';
import { JobReader } from '../../../src/reading/job-reader.js';
import { TemporalClient } from '../../../src/temporal/temporal-client.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { inFewRounds, leastMs, promptMs } from '../../harness/prompt.js';
import { type RpcCounter, countRpcs } from '../../harness/rpc-counter.js';
import { until } from '../../harness/until.js';
import type { WorkerProcess } from '../../harness/worker-process.js';

const StrictJob = Job.strict();
let house: House;
let rpcs: RpcCounter;
let worker: WorkerProcess | undefined;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream,openai/rate-limited,openai/clock' });
  rpcs = countRpcs(house.api.get(TemporalClient).connection);
});
afterAll(() => house.close());

const describes = () => rpcs.count('describeWorkflowExecution');
const queries = () => rpcs.count('queryWorkflow');

/** One worker for the whole file: the first test wants to see it come, the last one to see it go. */
async function needWorker(): Promise<WorkerProcess> {
  worker ??= await house.startWorker();
  return worker;
}

/** The job, and how many milliseconds its answer took. */
async function poll(id: string): Promise<{ job: Job; tookMs: number }> {
  const start = performance.now();
  const answer = await house.api.inject({ method: 'GET', url: `/v1/jobs/${id}` });
  const tookMs = performance.now() - start;
  expect(answer.statusCode).toBe(200);
  return { job: StrictJob.parse(answer.json()), tookMs };
}

/** A job whose model call hangs, seen to hang. */
async function hangingJob(): Promise<string> {
  const { id } = await house.submit({ model: 'openai/hang-mid-stream' });
  await house.jobWhen(id, 'the model is asked', ({ steps }) => steps[1]?.status === 'running');
  return id;
}

/** Of the run, as Temporal has it. The worker may be asked again for a workflow task that it was slow to complete. */
async function historyLength(id: string): Promise<number> {
  return (await house.temporal.workflow.getHandle(id).describe()).historyLength;
}

/** Polls a running job until the API has asked Temporal for it so often, and counts what that took. */
async function pollsUntilDescribed(id: string, times: number) {
  const before = { describes: describes(), queries: queries(), all: rpcs.count() };
  let polls = 0;
  await until(
    async () => {
      polls += 1;
      expect((await poll(id)).job.progress.source).toBe('live');
      return describes() - before.describes >= times;
    },
    { what: `the API has asked for the state of the job ${times} more times` },
  );
  return {
    polls,
    describes: describes() - before.describes,
    queries: queries() - before.queries,
    all: rpcs.count() - before.all,
  };
}

async function cancel(id: string): Promise<Job> {
  await house.ask('POST', `/v1/jobs/${id}/cancel`, {});
  return house.jobWhen(id, 'the job is done', ({ done }) => done);
}

describe('without a worker', () => {
  it('a job is queued, says after a while that no worker takes it, and begins when one comes', async () => {
    const submitted = await house.submit();
    let { job } = await poll(submitted.id);
    expect(job).toMatchObject({
      status: 'queued',
      done: false,
      startedAt: null,
      progress: { percent: 0, source: 'snapshot' },
    });
    const least = await leastMs(promptMs, async () => {
      house.api.get(JobReader).forget(submitted.id);
      const polled = await poll(submitted.id);
      ({ job } = polled);
      return polled.tookMs;
    });
    expect(least).toBeLessThan(promptMs);
    expect(job.steps.map(({ status }) => status)).toEqual(['pending', 'pending', 'pending']);
    expect(queries()).toBe(0);
    const stalled = await house.jobWhen(
      submitted.id,
      'the job says that it is stalled',
      (now) => now.stalled !== null,
    );
    expect(stalled).toMatchObject({ status: 'queued', stalled: { reason: 'no-worker' } });
    expect(Date.parse(stalled.stalled?.since ?? '')).toBeGreaterThanOrEqual(
      Date.parse(job.createdAt) - 1_000,
    );
    expect(Date.parse(stalled.stalled?.since ?? '')).toBeLessThanOrEqual(Date.now());
    expect(queries()).toBe(0);
    expect((await house.request<{ worker: string }>('GET', '/readyz')).body.worker).not.toBe('polling');

    const cancelled = await house.submit();
    const answer = await house.ask<Job>('POST', `/v1/jobs/${cancelled.id}/cancel`, {
      reason: 'too slow',
    });
    expect(answer).toMatchObject({ status: 200, body: { status: 'cancelled', done: true } });
    const leastOfDone = await leastMs(promptMs, async () => (await poll(cancelled.id)).tookMs);
    expect(leastOfDone).toBeLessThan(promptMs);

    await needWorker();
    const ended = await house.jobWhen(submitted.id, 'the job is done', ({ done }) => done);
    expect(ended).toMatchObject({ status: 'succeeded', stalled: null });
    expect(ended.startedAt).not.toBeNull();
    const stopped = await house.jobWhen(cancelled.id, 'the other job is done', ({ done }) => done);
    expect(stopped).toMatchObject({ status: 'cancelled', cancel: { reason: 'too slow' } });
  });
});

describe('polls of a running job', () => {
  beforeAll(async () => void (await needWorker()));

  it('cost at most 5 calls of Temporal when 50 come at once', async () => {
    const id = await hangingJob();
    const pollsAtOnce = async () => {
      house.api.get(JobReader).forget(id);
      const before = rpcs.count();
      const polls = await Promise.all(Array.from({ length: 50 }, () => poll(id)));
      expect(rpcs.count() - before).toBeLessThanOrEqual(5);
      expect(Math.max(...polls.map(({ tookMs }) => tookMs))).toBeLessThan(promptMs);
      return polls;
    };
    // An answer is shared for a quarter of a second, and a busy machine may need longer for all of them.
    const polls = await inFewRounds(pollsAtOnce);
    expect(queries()).toBeGreaterThan(0);
    expect(new Set(polls.map(({ job }) => job.status))).toEqual(new Set(['running']));
    await cancel(id);
  });

  it('send no query while the history of the job does not change, and one describe at most each', async () => {
    const id = await hangingJob();
    await house.jobWhen(
      id,
      'the worker has answered for this state',
      ({ progress }) => progress.source === 'live',
    );
    const polled = await until(
      async () => {
        const length = await historyLength(id);
        // The API has seen the run at this length before it is counted.
        await pollsUntilDescribed(id, 1);
        const seen = await pollsUntilDescribed(id, 3);
        return (await historyLength(id)) === length && seen;
      },
      { what: 'the API has asked for the state of a job three times whose history did not change' },
    );
    expect(polled.queries).toBe(0);
    expect(polled.describes).toBeLessThanOrEqual(polled.polls);
    expect(polled.all).toBe(polled.describes);
    await cancel(id);
  });

  it('of a finished job cost nothing after the first', async () => {
    const { id } = await house.submit();
    await house.jobWhen(id, 'the job is done', ({ done }) => done);
    const before = queries();
    const polls = await Promise.all(Array.from({ length: 20 }, () => poll(id)));
    expect(new Set(polls.map(({ job }) => JSON.stringify(job))).size).toBe(1);
    expect(queries() - before).toBe(0);
  });
});

describe('a job whose model goes on speaking', () => {
  beforeAll(async () => void (await needWorker()));

  const words = ({ output }: Job): number => output?.text.split(';').length ?? 0;

  /** Settled: what its beginning has set in motion is over, and nothing but text comes. */
  async function speakingJob(): Promise<Job> {
    const { id } = await house.submit({ model: 'openai/clock' });
    return house.jobWhen(id, 'the model has said something for a while', (job) => words(job) > 4);
  }

  it('shows each word to those who poll, and asks Temporal once a second and no more for that', async () => {
    const { id, ...settled } = await speakingJob();
    const seesEachWord = async () => {
      const [before, began] = [describes(), performance.now()];
      const seen: number[] = [];
      await until(
        async () => {
          const said = words((await poll(id)).job);
          if (said !== seen.at(-1)) seen.push(said);
          return seen.length > 4;
        },
        { what: 'four more words are seen', everyMs: 25 },
      );
      expect(seen[0]).toBeGreaterThanOrEqual(words({ id, ...settled }));
      expect(describes() - before).toBeLessThanOrEqual((performance.now() - began) / 1_000 + 1);
      expect(seen).toEqual(seen.map((_, index) => (seen[0] ?? 0) + index));
    };
    // On a machine that pauses, two words come between two polls.
    await inFewRounds(seesEachWord);
    await cancel(id);
  });

  it('answers those who wait for a change with the next word', async () => {
    const { id } = await speakingJob();
    const first = await house.api.inject({ method: 'GET', url: `/v1/jobs/${id}` });
    let [said, etag] = [words(first.json<Job>()), String(first.headers.etag)];
    for (let word = 0; word < 3; word += 1) {
      const next = await house.api.inject({
        method: 'GET',
        url: `/v1/jobs/${id}`,
        headers: { prefer: 'wait=60', 'if-none-match': etag },
      });
      expect(next.statusCode).toBe(200);
      expect(words(next.json<Job>())).toBeGreaterThan(said);
      [said, etag] = [words(next.json<Job>()), String(next.headers.etag)];
    }
    await cancel(id);
  });
});

describe('a request that waits for the end', () => {
  beforeAll(async () => void (await needWorker()));

  it('is answered when the run has closed, and not at the next look', async () => {
    const lateMs = async () => {
      const { id } = await house.submit();
      const headers = { prefer: 'wait=60' };
      const { body: job } = await house.ask<Job>('GET', `/v1/jobs/${id}`, undefined, headers);
      expect(job.status).toBe('succeeded');
      return Date.now() - Date.parse(job.finishedAt ?? '');
    };
    const middleOfFive = async () => {
      const all = await Promise.all(Array.from({ length: 5 }, lateMs));
      return all.toSorted((a, b) => a - b)[2] ?? Number.NaN;
    };
    // So seldom that no answer is in time by such a look.
    const looks: { regular: number } = look;
    const seldom = jest.replaceProperty(looks, 'regular', 20_000);
    try {
      expect(await leastMs(promptMs, middleOfFive)).toBeLessThan(promptMs);
    } finally {
      seldom.restore();
    }
  });
});

describe('a running job', () => {
  beforeAll(async () => void (await needWorker()));

  it('shows which step runs, and the way on', async () => {
    const id = await hangingJob();
    const job = await house.job(id);
    expect(job).toMatchObject({
      status: 'running',
      done: false,
      stalled: null,
      finishedAt: null,
      progress: { step: 'extract', stepIndex: 1, stepCount: 3 },
      links: { cancel: `/v1/jobs/${id}/cancel`, result: null },
    });
    expect(job.steps.map(({ status, attempt }) => [status, attempt])).toEqual([
      ['succeeded', 1],
      ['running', 1],
      ['pending', null],
    ]);
    expect(job.progress.percent).toBeLessThan(100);
    const answer = await house.api.inject({ method: 'GET', url: `/v1/jobs/${id}` });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    await cancel(id);
  });

  it('shows what the model has said so far', async () => {
    const id = await hangingJob();
    try {
      const job = await house.jobWhen(id, 'some of the answer is there', ({ output }) => output !== null);
      expect(job.output).toMatchObject({ step: 'extract', attempt: 1 });
      expect(job.output?.text).toContain('"words"');
    } finally {
      await cancel(id);
    }
  });

  it('shows a step that waits for its next attempt, why, and when it comes', async () => {
    const { id } = await house.submit({ model: 'openai/rate-limited' });
    let waitMs = 0;
    const job = await house.jobWhen(id, 'the step waits for its next attempt', ({ steps }) => {
      waitMs = Date.parse(steps[1]?.nextRetryAt ?? '') - Date.now();
      return steps[1]?.status === 'retrying' && waitMs > 0;
    });
    const step = job.steps[1];
    expect(job).toMatchObject({ status: 'running', failure: null });
    expect(step?.attempt).toBeGreaterThanOrEqual(1);
    expect(step?.lastFailure).toMatchObject({
      code: 'provider-rate-limited',
      retryable: true,
      step: 'extract',
    });
    // The stand-in asks for 7 s.
    expect(waitMs).toBeLessThanOrEqual(7_500);
    expect(await cancel(id)).toMatchObject({ status: 'cancelled' });
  });

  it('still answers at once when its worker is killed', async () => {
    // One for each try: what a worker does not answer is not asked again for a while.
    const ids = await Promise.all([1, 2, 3, 4, 5].map(hangingJob));
    await (await needWorker()).kill();
    const left = [...ids];
    const slowestOfThree = async () => {
      const id = left.pop() ?? '';
      const polls = [await poll(id), await poll(id), await poll(id)];
      expect(polls.map(({ job }) => job.done)).toEqual([false, false, false]);
      return Math.max(...polls.map(({ tookMs }) => tookMs));
    };
    expect(await leastMs(promptMs, slowestOfThree)).toBeLessThan(promptMs);
    for (const id of ids) {
      await house.temporal.workflow.getHandle(id).terminate();
      expect(await house.jobWhen(id, 'the job is done', ({ done }) => done)).toMatchObject({
        status: 'terminated',
        result: null,
      });
    }
  });
});

failOnLeftovers();
