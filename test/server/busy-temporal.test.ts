import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Failure } from '../../job-types/failure.js';
import type { Job } from '../../job-types/job.js';
import { type GrpcProxy, startGrpcProxy } from '../../scripts/stand-ins/grpc-proxy.js';
import { temporalAddress } from '../harness/addresses.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';

/** The second within which an outage is answered, and room for a machine that does other things too. */
const quickMs = 1_600;
/** Describes that an API process has under way for its pollers, and starts for its submits. */
const atOnce = 24;

let house: House;
/** Between the API and Temporal. */
let proxy: GrpcProxy;

beforeAll(async () => {
  proxy = await startGrpcProxy(temporalAddress());
  house = await openHouse({ TEMPORAL_ADDRESS: proxy.address });
});
/** Ended after all tests: the ends of jobs are looked at now and then, by calls that would be counted. */
const open: string[] = [];

afterAll(async () => {
  for (const id of open) {
    await house.temporal.workflow
      .getHandle(id)
      .terminate()
      .catch((error: unknown) => {
        // A start that was held back may have come to nothing.
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      });
  }
  await house.close();
  await proxy.close();
});
failOnLeftovers();

async function submit(): Promise<Job> {
  const job = await house.submit();
  open.push(job.id);
  return job;
}

/** Submits a job that no worker begins, and polls it for the first time while the server refuses so many describes. */
async function pollRefused(times: number) {
  const { id } = await submit();
  const before = proxy.calls('DescribeWorkflowExecution');
  proxy.refuse('DescribeWorkflowExecution', times);
  const from = performance.now();
  const { status, headers, body } = await house.request<{ code?: string }>('GET', `/v1/jobs/${id}`);
  const tookMs = performance.now() - from;
  const tries = proxy.calls('DescribeWorkflowExecution') - before;
  proxy.refuse('DescribeWorkflowExecution', 0);
  return { status, code: body.code, retryAfter: headers['retry-after'], tries, tookMs };
}

describe('a Temporal server that is too busy for a poll', () => {
  it('is asked once more, soon enough to answer the poll', async () => {
    expect(await pollRefused(1)).toMatchObject({ status: 200, tries: 2 });
  });

  it('and stays so is told within a second', async () => {
    const { tookMs, ...answer } = await pollRefused(2);
    expect(answer).toMatchObject({ status: 503, code: 'temporal-unavailable', tries: 2 });
    expect(Number(answer.retryAfter)).toBeGreaterThan(0);
    expect(tookMs).toBeLessThan(quickMs);
  });

  describe('is asked about many jobs', () => {
    let jobs: Job[];
    beforeEach(async () => {
      jobs = await Promise.all(Array.from({ length: atOnce + 6 }, submit));
    });
    const pollAll = () => Promise.all(jobs.map(({ links }) => house.request<Job>('GET', links.self)));

    it('by so many calls at a time, the others in their turn', async () => {
      const before = proxy.calls('DescribeWorkflowExecution');
      const hold = proxy.hold('DescribeWorkflowExecution', 'request');
      const asked = () => proxy.calls('DescribeWorkflowExecution') - before;
      const polls = pollAll();
      await until(() => asked() >= atOnce, { what: 'the calls that may be made are made' });
      // It came after all of them.
      expect((await house.request('GET', '/healthz')).status).toBe(200);
      expect(asked()).toBe(atOnce);
      await hold.release();
      expect(new Set((await polls).map(({ status }) => status))).toEqual(new Set([200]));
      expect(asked()).toBe(jobs.length);
    });

    it('and does not answer: those who do not get their turn hear it as soon as the others', async () => {
      const hold = proxy.hold('DescribeWorkflowExecution', 'request');
      const from = performance.now();
      const answers = await pollAll();
      const tookMs = performance.now() - from;
      await hold.release();
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
      expect(tookMs).toBeLessThan(quickMs);
      for (const { id } of jobs)
        await house.jobWhen(id, 'it answers again', ({ status }) => status === 'queued');
    });
  });
});

describe('a Temporal server that starts no job in time', () => {
  it('is sent so many at a time, and of the others their submitters hear that nothing was started', async () => {
    const input = { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' };
    const article = { type: 'extractArticle', input };
    const before = proxy.calls('StartWorkflowExecution');
    const hold = proxy.hold('StartWorkflowExecution', 'request');
    const from = performance.now();
    const answers = await Promise.all(
      Array.from({ length: atOnce + 6 }, () => house.request<Failure>('POST', '/v1/jobs', article)),
    );
    const tookMs = performance.now() - from;
    const sent = () => proxy.calls('StartWorkflowExecution') - before;
    expect(sent()).toBeGreaterThanOrEqual(atOnce);
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.code}`))).toEqual(
      new Set(['503 temporal-unavailable']),
    );
    expect(answers.every(({ headers }) => Number(headers['retry-after']) > 0)).toBe(true);
    const unsent = answers.filter(({ body }) => body.job === undefined);
    expect(unsent.length).toBeGreaterThan(0);
    for (const { body } of unsent) expect(body.detail).toContain('nothing was started');
    expect(tookMs).toBeLessThan(quickMs);
    await hold.release();
    open.push(...answers.flatMap(({ body }) => body.job ?? []));
    // A start that came a moment later than the others has time left when their turns are over.
    expect(sent()).toBeLessThanOrEqual(answers.length - unsent.length);
  });

  it('has not given the concurrency key to a job that was not sent', async () => {
    const input = { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' };
    const ask = <T>(concurrencyKey: string) => {
      const request = { type: 'extractArticle', input, concurrencyKey, onConflict: 'reject' };
      return house.request<T>('POST', '/v1/jobs', request);
    };
    const key = await until(
      async () => {
        const hold = proxy.hold('StartWorkflowExecution', 'request');
        const answers = await Promise.all(
          Array.from({ length: 2 * atOnce }, async () => {
            const itsKey = randomUUID();
            return { itsKey, ...(await ask<Failure>(itsKey)) };
          }),
        );
        await hold.release();
        open.push(...answers.flatMap(({ body }) => body.job ?? []));
        return answers.find(({ body }) => body.detail.includes('nothing was started'))?.itsKey;
      },
      { what: 'a start gets no turn in time', limitMs: 30_000 },
    );
    const { status, body } = await ask<Job>(key);
    expect([status, body.concurrencyKey]).toEqual([202, key]);
    open.push(body.id);
  }, 40_000);
});
