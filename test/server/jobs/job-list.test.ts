import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import type { FinalStatus } from '../../../job-types/contract/job.js';
import { temporalAddress } from '../../harness/addresses.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { pointersOf, problemIn } from '../../harness/problem.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

interface Page {
  items: {
    id: string;
    type: string;
    status: string;
    done: boolean;
    createdAt: string;
    finishedAt: string | null;
  }[];
  nextPageToken: string | null;
  counts: Record<string, number> | null;
}

/** A namespace of its own, so that the list holds the jobs of this file alone. */
const namespace = `list-${crypto.randomUUID()}`;
const ended: Partial<Record<FinalStatus, string[]>> = {};
let open: string[] = [];
let house: House;

beforeAll(async () => {
  const connection = await Connection.connect({ address: temporalAddress() });
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  await connection.close();
  house = await openHouse({
    TEMPORAL_NAMESPACE: namespace,
    MODELS: 'openai/hang-mid-stream,openai/wrong-key',
  });
  await house.startWorker();
  const hanging = { model: 'openai/hang-mid-stream' };
  ended.succeeded = [await endOf(await house.submit()), await endOf(await house.submit())];
  ended.failed = [await endOf(await house.submit({ model: 'openai/wrong-key' }))];
  const cancelled = await house.submit(hanging);
  // Before a worker has begun it, a job that is cancelled is listed as terminated.
  await house.jobWhen(cancelled.id, 'the job runs', ({ status }) => status === 'running');
  await house.ask('POST', `/v1/jobs/${cancelled.id}/cancel`, {});
  ended.cancelled = [await endOf(cancelled)];
  const terminated = await house.submit(hanging);
  const temporal = new Client({ connection: house.temporal.connection, namespace });
  await temporal.workflow.getHandle(terminated.id).terminate('by an operator');
  ended.terminated = [await endOf(terminated)];
  open = [];
  for (let n = 0; n < 3; n += 1) open.push((await house.submit(hanging)).id);
  await until(
    async () => (await list('')).items.length === 8 && (await list('status=active')).items.length === 3,
    {
      what: 'visibility shows all jobs as they are',
    },
  );
});
afterAll(async () => {
  // A worker that still has a hanging call takes its whole grace time to stop.
  await Promise.all(open.map((id) => house.ask('POST', `/v1/jobs/${id}/cancel`, {})));
  await Promise.all(open.map((id) => endOf({ id })));
  await house.close();
});

const endOf = async ({ id }: { id: string }): Promise<string> =>
  (await house.jobWhen(id, 'the job is done', ({ done }) => done)).id;

const get = (query: string) => house.api.inject({ method: 'GET', url: `/v1/jobs?${query}` });

const list = async (query: string): Promise<Page> => {
  const answer = await whileBusy(
    () => get(query),
    ({ statusCode }) => statusCode,
  );
  expect(answer.statusCode).toBe(200);
  return answer.json<Page>();
};

async function pages(query: string): Promise<Page[]> {
  const all: Page[] = [];
  let token: string | null = '';
  while (token !== null && all.length < 20) {
    const page: Page = await list(`${query}${token ? `&pageToken=${encodeURIComponent(token)}` : ''}`);
    all.push(page);
    token = page.nextPageToken;
  }
  return all;
}

const idsIn = (parts: Page[]): string[] => parts.flatMap(({ items }) => items.map(({ id }) => id));

describe('GET /v1/jobs', () => {
  it('lists open jobs first, newest first, then finished ones, last ended first', async () => {
    const finished = [
      ...(ended.terminated ?? []),
      ...(ended.cancelled ?? []),
      ...(ended.failed ?? []),
      ...(ended.succeeded?.toReversed() ?? []),
    ];
    const page = await list('');
    expect(page.items.map(({ id }) => id)).toEqual([...open.toReversed(), ...finished]);
    expect(page.nextPageToken).toBeNull();
    for (const { done, finishedAt, status } of page.items) {
      expect([done, finishedAt !== null]).toEqual(status === 'running' ? [false, false] : [true, true]);
    }
  });

  it.each<FinalStatus>(['succeeded', 'failed', 'cancelled', 'terminated', 'timed_out'])(
    'lists those that are %s',
    async (status) => {
      const { items } = await list(`status=${status}`);
      expect(items.map((item) => item.id).toSorted()).toEqual([...(ended[status] ?? [])].toSorted());
      expect(items.every((item) => item.status === status && item.done)).toBe(true);
    },
  );

  it('lists those that are active', async () => {
    expect(idsIn([await list('status=active')])).toEqual(open.toReversed());
  });

  it('lists those of a type, with a status', async () => {
    expect((await list('type=extractArticle')).items).toHaveLength(8);
    expect(idsIn([await list('type=extractArticle&status=failed')])).toEqual(ended.failed);
  });

  it('lists those that were created in a time', async () => {
    const [newest, second] = open.toReversed();
    const { createdAt } = await house.job(newest ?? '');
    const at = encodeURIComponent(createdAt);
    expect(idsIn([await list(`createdAfter=${at}`)])).toEqual([newest]);
    expect(idsIn([await list(`createdBefore=${at}`)])[0]).toBe(second);
    expect(idsIn([await list(`createdBefore=${at}`)])).toHaveLength(7);
    expect(idsIn([await list(`createdAfter=${at}&createdBefore=${at}`)])).toEqual([]);
  });

  it('counts by status all that fits, on whatever page', async () => {
    const counts = { active: 3, succeeded: 2, failed: 1, cancelled: 1, terminated: 1 };
    expect((await list('counts=true')).counts).toEqual(counts);
    expect((await list('counts=true&status=failed&pageSize=1')).counts).toEqual(counts);
    expect((await list('type=extractArticle')).counts).toBeNull();
  });

  it.each([1, 2, 3, 7, 8])('gives the same list in pages of %i, each job once', async (pageSize) => {
    const whole = idsIn([await list('')]);
    const parts = await pages(`pageSize=${pageSize}`);
    expect(idsIn(parts)).toEqual(whole);
    expect(parts.every(({ items }) => items.length <= pageSize)).toBe(true);
    expect(idsIn(await pages(`pageSize=${pageSize}&status=succeeded`))).toEqual(
      ended.succeeded?.toReversed(),
    );
  });

  it('does not list the jobs of another owner, nor runs that are no jobs', async () => {
    const temporal = new Client({ connection: house.temporal.connection, namespace });
    const { typedSearchAttributes } = await temporal.workflow.getHandle(open[0] ?? '').describe();
    const others = typedSearchAttributes
      .getAll()
      .map((pair) => (pair.key.name === 'JobOwner' ? { ...pair, value: 'someone-else' } : pair));
    expect(others).toContainEqual(expect.objectContaining({ value: 'someone-else' }));
    const runs = await Promise.all([
      temporal.workflow.start('extractArticle', {
        workflowId: 'of-another-owner',
        taskQueue: 'nobody',
        memo: { owner: 'someone-else', metadata: {} },
        typedSearchAttributes: others as never,
      }),
      temporal.workflow.start('sendInvoices', { workflowId: 'no-job', taskQueue: 'nobody' }),
    ]);
    const running = 'ExecutionStatus = "Running" AND TaskQueue = "nobody"';
    await until(async () => (await temporal.workflow.count(running)).count === 2, {
      what: 'both runs are visible',
    });
    expect(idsIn([await list('status=active')])).toEqual(open.toReversed());
    await Promise.all(runs.map((run) => run.terminate()));
  });

  it.each<[string, string]>([
    ['status=sleeping', '/status'],
    ['status=SUCCEEDED', '/status'],
    ['status=', '/status'],
    ['status=failed&status=succeeded', '/status'],
    ['type=nope', '/type'],
    ['type=%22%20OR%201=1', '/type'],
    ['pageSize=0', '/pageSize'],
    ['pageSize=201', '/pageSize'],
    ['pageSize=-1', '/pageSize'],
    ['pageSize=2.5', '/pageSize'],
    ['pageSize=many', '/pageSize'],
    ['tag=', '/tag'],
    ['tag=%22', '/tag'],
    ['tag=%00', '/tag'],
    ['tag=%5C', '/tag'],
    ['tag=%0A', '/tag'],
    ['tag=%27quoted%27', '/tag'],
    ['createdAfter=yesterday', '/createdAfter'],
    ['createdBefore=2026-02-30T00:00:00Z', '/createdBefore'],
    ['counts=yes', '/counts'],
    ['pageToken=', '/pageToken'],
    ['pageToken=bad', '/pageToken'],
    ['pageToken=e30', '/pageToken'],
    ['pageToken=bnVsbA', '/pageToken'],
    ['pageToken=AAAA', '/pageToken'],
    ['pageToken=%00', '/pageToken'],
    ['tag=%00', '/tag'],
    [`pageToken=${'a'.repeat(200)}`, '/pageToken'],
    ['stat=failed', '/stat'],
  ])('refuses ?%s', async (query, pointer) => {
    const problem = problemIn(await get(query));
    expect(problem).toMatchObject({ status: 422, code: 'validation-failed' });
    expect(pointersOf(problem)).toEqual([pointer]);
  });

  it('refuses a token that was cut, changed or comes from other filters', async () => {
    const token = (await list('pageSize=2&status=active')).nextPageToken ?? '';
    expect(token).not.toBe('');
    const middle = Math.floor(token.length / 2);
    const changed = `${token.slice(0, middle)}${token[middle] === 'A' ? 'B' : 'A'}${token.slice(middle + 1)}`;
    for (const query of [
      `status=active&pageToken=${token.slice(0, -5)}`,
      `status=failed&pageToken=${token}`,
      `pageToken=${token}`,
    ]) {
      const problem = problemIn(await get(query));
      expect([query, problem.status, pointersOf(problem)]).toEqual([query, 422, ['/pageToken']]);
    }
    expect((await get(`status=active&pageToken=${changed}`)).statusCode).toBeLessThan(500);
  });

  it("lists those with a tag, whatever characters it has, and nobody else's", async () => {
    const tags = ["it's", "x' OR JobOwner != 'y", 'two words', 'ñandú 🦜', '*', '%'];
    const input = { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' };
    const submit = async (tag: string): Promise<string> =>
      (await house.start({ ...request, tags: [tag, 'all of them'] })).body.id;
    const request = { type: 'extractArticle', input, delay: 3_600 };
    const tagged = await Promise.all(tags.map(async (tag) => ({ tag, id: await submit(tag) })));
    await until(
      async () => idsIn([await list(`tag=${encodeURIComponent('all of them')}`)]).length === tags.length,
      {
        what: 'visibility shows the jobs',
      },
    );
    for (const { tag, id } of tagged) {
      expect([tag, idsIn([await list(`tag=${encodeURIComponent(tag)}`)])]).toEqual([tag, [id]]);
      await house.request('POST', `/v1/jobs/${id}/cancel`, { mode: 'force' });
    }
  });
});

failOnLeftovers();
