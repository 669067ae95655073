import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Failure } from '../../job-types/failure.js';
import type { Job } from '../../job-types/job.js';
import { type GrpcProxy, startGrpcProxy } from '../../scripts/stand-ins/grpc-proxy.js';
import { JobReader } from '../../src/jobs/job-reader.js';
import { temporalAddress } from '../harness/addresses.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';

/** A call's deadline is a second. Room for a machine that does other things too, and less than two of them. */
const quickMs = 1_900;
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
      // One whose start was answered late has been read by now.
      const reader = house.api.get(JobReader);
      for (const { id } of jobs) reader.forget(id);
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
  interface Asked {
    type: string;
    input: unknown;
    concurrencyKey?: string;
    onConflict?: 'reject';
  }
  const article = (): Asked => ({
    type: 'extractArticle',
    input: { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' },
  });

  /** Twice as many submits as may be sent at once, while the server answers none of them. */
  async function burst(request: () => Asked) {
    const before = proxy.calls('StartWorkflowExecution');
    const hold = proxy.hold('StartWorkflowExecution', 'request');
    const from = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 2 * atOnce }, async () => {
        const asked = request();
        return { asked, ...(await house.request<Failure>('POST', '/v1/jobs', asked)) };
      }),
    );
    const tookMs = performance.now() - from;
    await hold.release();
    open.push(...answers.flatMap(({ body }) => body.job ?? []));
    const unsent = answers.filter(({ body }) => body.job === undefined);
    return { answers, unsent, tookMs, sent: proxy.calls('StartWorkflowExecution') - before };
  }

  /**
   * Whoever comes a moment later than the others has time left when their turns are over, and is sent; on a machine
   * that is busy too, that may be all of them.
   */
  const burstWithUnsent = (request: () => Asked) =>
    until(
      async () => {
        const result = await burst(request);
        return result.unsent.length > 0 && result;
      },
      { what: 'a start gets no turn in time', limitMs: 30_000 },
    );

  it('is sent so many at a time, and of the others their submitters hear that nothing was started', async () => {
    const { answers, unsent, tookMs, sent } = await burstWithUnsent(article);
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.code}`))).toEqual(
      new Set(['503 temporal-unavailable']),
    );
    expect(answers.every(({ headers }) => Number(headers['retry-after']) > 0)).toBe(true);
    for (const { body } of unsent) expect(body.detail).toContain('nothing was started');
    expect(tookMs).toBeLessThan(quickMs);
    expect(sent).toBeGreaterThanOrEqual(atOnce);
    expect(sent).toBeLessThanOrEqual(answers.length - unsent.length);
  }, 40_000);

  it('has not given the concurrency key to a job that was not sent', async () => {
    const { unsent } = await burstWithUnsent(() => ({
      ...article(),
      concurrencyKey: randomUUID(),
      onConflict: 'reject',
    }));
    const { status, body } = await house.request<Job>('POST', '/v1/jobs', unsent[0]?.asked);
    expect([status, body.concurrencyKey]).toEqual([202, unsent[0]?.asked.concurrencyKey]);
    open.push(body.id);
  }, 40_000);
});
