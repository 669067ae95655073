import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { Job } from '../../../job-types/contract/job.js';
import { type GrpcProxy, startGrpcProxy } from '../../../scripts/stand-ins/grpc-proxy.js';
import { JobReader } from '../../../src/reading/job-reader.js';
import { Runs } from '../../../src/reading/runs.js';
import { temporalAddress } from '../../harness/addresses.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { inFewRounds } from '../../harness/prompt.js';
import { until } from '../../harness/until.js';

/** More than the 800 ms that a call may take, and less than two of them, or than the SDK's own pause after a refusal. */
const quickMs = 1_300;
/** Describes that an API process has under way for its pollers at first, and starts for its submits. */
const atOnce = 24;

/** A server that answers nobody does not even say what it is, which it is asked when it is late. */
function holdAll(method: string) {
  const holds = [proxy.hold('GetSystemInfo', 'request'), proxy.hold(method, 'request')];
  return { release: () => Promise.all(holds.map((hold) => hold.release())) };
}

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

/** The first of its results that came quickly: what makes a machine pause now and then does not make it pause each time. */
const quick = <T extends { tookMs: number }>(ask: () => Promise<T>): Promise<T> =>
  until(
    async () => {
      const result = await ask();
      return result.tookMs < quickMs && result;
    },
    { what: `it takes less than ${quickMs} ms` },
  );

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
    await inFewRounds(async () => expect(await pollRefused(1)).toMatchObject({ status: 200, tries: 2 }));
  });

  it('and stays so for a while is asked until it answers', async () => {
    await inFewRounds(async () => expect(await pollRefused(7)).toMatchObject({ status: 200, tries: 8 }));
  });

  it('and stays so is told in the end, with a time after which to ask again', async () => {
    await inFewRounds(async () => {
      const answer = await pollRefused(1_000);
      expect(answer).toMatchObject({ status: 503, code: 'temporal-unavailable' });
      expect(Number(answer.retryAfter)).toBeGreaterThan(0);
      expect(answer.tookMs).toBeLessThan(20_000);
      expect(answer.tries).toBeLessThan(40);
    });
  });

  it.each(['is late', 'refuses'])(
    'and %s costs a job that was read before only its freshness',
    async (how) => {
      const job = await submit();
      const path = `/v1/jobs/${job.id}`;
      // That no worker has come may be noticed meanwhile.
      const { stalled: _, ...before } = await house.job(job.id);
      const asked = proxy.calls('DescribeWorkflowExecution');
      const hold = how === 'is late' ? proxy.hold('DescribeWorkflowExecution', 'request') : null;
      proxy.refuse('DescribeWorkflowExecution', hold ? 0 : 1_000_000);
      try {
        await until(
          async () => {
            expect(await house.request('GET', path)).toMatchObject({ status: 200, body: before });
            return proxy.calls('DescribeWorkflowExecution') > asked;
          },
          { what: 'what was read is old, and Temporal is asked' },
        );
        expect(await house.request('GET', path)).toMatchObject({ status: 200, body: before });
      } finally {
        proxy.refuse('DescribeWorkflowExecution', 0);
        await hold?.release();
      }
    },
  );

  describe('is asked about many jobs', () => {
    let jobs: Job[];
    beforeEach(async () => {
      jobs = await Promise.all(Array.from({ length: atOnce + 6 }, submit));
    });
    /** As the first polls of these jobs; one whose start was answered late has been read by then. */
    const pollAll = () => {
      const reader = house.api.get(JobReader);
      for (const { id } of jobs) reader.forget(id);
      return Promise.all(jobs.map(({ links }) => house.request<Job>('GET', links.self)));
    };

    it('by so many calls at a time, the others in their turn', async () => {
      const inTurn = async () => {
        const before = proxy.calls('DescribeWorkflowExecution');
        const hold = proxy.hold('DescribeWorkflowExecution', 'request');
        const asked = () => proxy.calls('DescribeWorkflowExecution') - before;
        const polls = pollAll();
        const runs = house.api.get(Runs);
        await until(() => runs.crowded, { what: 'the calls that may be made are made' });
        // It came after all of them.
        const health = await house.request('GET', '/healthz');
        const held = asked();
        await hold.release();
        const statuses = (await polls).map(({ status }) => status);
        expect([health.status, asked()]).toEqual([200, jobs.length]);
        expect(held).toBeLessThan(jobs.length);
        expect(new Set(statuses)).toEqual(new Set([200]));
        return true;
      };
      // What is held for longer than a call may take is over: after a pause of the machine, once more.
      await until(inTurn, { what: 'all are asked about in turn' });
    });

    it('by a full line, and takes submits with keys all the same: none is started twice', async () => {
      const submitWith = (key: string, wordCount: number) => {
        const input = { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr', wordCount };
        const body = { type: 'extractArticle', input };
        return house.request<Job & { code?: string }>('POST', '/v1/jobs', body, { 'idempotency-key': key });
      };
      const crowd = async () => {
        const hold = proxy.hold('DescribeWorkflowExecution', 'request');
        const polls = pollAll();
        try {
          await until(() => house.api.get(Runs).crowded, { what: 'the calls that may be made are made' });
          const keys = [randomUUID(), randomUUID(), randomUUID()];
          const first = await Promise.all(keys.map((key) => submitWith(key, 3)));
          open.push(...first.map(({ body }) => body.id));
          // No question about a job is answered meanwhile.
          expect(new Set(first.map(({ status }) => status))).toEqual(new Set([202]));
          const starts = proxy.calls('StartWorkflowExecution');
          const again = submitWith(keys[0] ?? '', 3);
          const other = submitWith(keys[1] ?? '', 4);
          await until(() => proxy.calls('StartWorkflowExecution') >= starts + 2, { what: 'both are tried' });
          await hold.release();
          expect(await again).toMatchObject({
            headers: { 'idempotency-replayed': 'true' },
            body: { id: first[0]?.body.id },
          });
          expect(await other).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
        } finally {
          await hold.release();
          await polls;
        }
        return true;
      };
      // What is held for longer than a call may take is over: after a pause of the machine, once more.
      await until(crowd, { what: 'submits pass the line' });
    });

    it('and answers nobody: those who do not get their turn hear it as soon as the others', async () => {
      const { answers } = await quick(async () => {
        const hold = holdAll('DescribeWorkflowExecution');
        const from = performance.now();
        const answered = await pollAll();
        const tookMs = performance.now() - from;
        await hold.release();
        return { answers: answered, tookMs };
      });
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
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
    const hold = holdAll('StartWorkflowExecution');
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
   * Whoever comes a moment later than the others has time left when their turns are over, and is sent. On a machine
   * that is busy too, that may be all of them.
   */
  const burstWithUnsent = (request: () => Asked) =>
    until(
      async () => {
        const result = await burst(request);
        return result.unsent.length > 0 && result;
      },
      { what: 'a start gets no turn in time' },
    );

  it('and answers others gets its burst in turn: all are accepted, and none is started twice', async () => {
    const burstOf = 3 * atOnce;
    const bursts: { ids: string[]; starts: number }[] = [];
    await inFewRounds(async () => {
      const before = proxy.calls('StartWorkflowExecution');
      const hold = proxy.hold('StartWorkflowExecution', 'request');
      const from = performance.now();
      const answers = Promise.all(
        Array.from({ length: burstOf }, () =>
          house.request<{ id?: string; job?: string }>('POST', '/v1/jobs', article()),
        ),
      );
      // Far longer than a server that answers nobody is waited for.
      await until(() => performance.now() - from > 2_000, { what: 'the starts are late' });
      await hold.release();
      const said = await answers;
      const ids = said.flatMap(({ body }) => body.id ?? body.job ?? []);
      open.push(...ids);
      bursts.push({ ids, starts: proxy.calls('StartWorkflowExecution') - before });
      expect(new Set(said.map(({ status }) => status))).toEqual(new Set([202]));
      expect(new Set(said.map(({ body }) => body.id)).size).toBe(burstOf);
      expect(proxy.calls('StartWorkflowExecution') - before).toBe(burstOf);
    });
    // However late the server was.
    for (const { ids, starts } of bursts) {
      expect(new Set(ids).size).toBe(ids.length);
      expect(starts).toBeLessThanOrEqual(burstOf);
    }
  });

  it('nor says anything is sent so many at a time, and of the others their submitters hear that nothing was started', async () => {
    const { answers, unsent, sent } = await quick(() => burstWithUnsent(article));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.code}`))).toEqual(
      new Set(['503 temporal-unavailable']),
    );
    expect(answers.every(({ headers }) => Number(headers['retry-after']) > 0)).toBe(true);
    for (const { body } of unsent) expect(body.detail).toContain('nothing was started');
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThanOrEqual(answers.length - unsent.length);
  });

  it('has not given the concurrency key to a job that was not sent', async () => {
    const { unsent } = await burstWithUnsent(() => ({
      ...article(),
      concurrencyKey: randomUUID(),
      onConflict: 'reject',
    }));
    const { status, body } = await house.request<Job>('POST', '/v1/jobs', unsent[0]?.asked);
    expect([status, body.concurrencyKey]).toEqual([202, unsent[0]?.asked.concurrencyKey]);
    open.push(body.id);
  });
});
