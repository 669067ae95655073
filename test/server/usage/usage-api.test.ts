import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Call } from '../../../job-types/contract/call.js';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { DearestJobs, OwnerBudgets } from '../../../job-types/contract/spend.js';
import { createModelCalls } from '../../../store/model-calls.js';
import type { UsageTotal } from '../../../store/usage.js';
import { type House, openHouse } from '../../harness/house.js';
import { type TestKey, makeKey } from '../../harness/keys.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { pointersOf, problemIn } from '../../harness/problem.js';
import { whileBusy } from '../../harness/while-busy.js';

interface Page<T> {
  items: T[];
  nextPageToken: string | null;
}

let house: House;
let ann: TestKey;
let bea: TestKey;
let job: string;

beforeAll(async () => {
  house = await openHouse();
  [ann, bea] = await Promise.all([makeKey(house.db, 'ann'), makeKey(house.db, 'bea')]);
  const { status, body } = await house.start<{ id: string }>(
    {
      type: 'extractArticle',
      input: { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' },
      delay: 3_600,
    },
    ann.headers,
  );
  if (status !== 202) throw new Error(`the submit was answered ${status}`);
  job = body.id;
  const calls = createModelCalls(house.db);
  for (let day = 1; day <= 5; day += 1) {
    const id = await calls.open({
      jobId: job,
      rootJobId: job,
      jobType: 'extractArticle',
      runId: 'run',
      step: 'extract',
      item: null,
      activity: 'extract',
      attempt: day,
      owner: 'ann',
      model: day % 2 ? 'openai/a' : 'openai/b',
      prompt: 'choose-words@1',
      startedAt: `2026-05-0${day}T12:00:00.000Z`,
      inputTokens: 1,
      costUsd: 1,
      outputMtokUsd: 1,
    });
    await calls.settle(id, {
      outcome: day === 5 ? 'answered' : 'malformed',
      failureCode: null,
      providerId: randomUUID(),
      answeredBy: null,
      firstTokenMs: null,
      inputTokens: 10,
      cachedInputTokens: null,
      outputTokens: 5,
      reasoningTokens: null,
      costUsd: day === 4 ? null : day,
      estimated: false,
    });
  }
});
afterAll(() => house.close());

const get = <T>(path: string, key = ann) => house.ask<T>('GET', path, undefined, key.headers);

describe('the calls of a job', () => {
  it('come in pages, the newest last', async () => {
    const seen: Call[] = [];
    let token: string | null = null;
    let pages = 0;
    do {
      const query: string = token ? `&pageToken=${token}` : '';
      const { status, body } = await get<Page<Call>>(`/v1/jobs/${job}/calls?pageSize=2${query}`);
      expect(status).toBe(200);
      seen.push(...body.items);
      token = body.nextPageToken;
      pages += 1;
    } while (token);
    expect(pages).toBe(3);
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5]);
    expect(seen[3]).toMatchObject({ costUsd: null, cachedInputTokens: null, outcome: 'malformed' });
  });

  it.each([
    ['another owner', () => get<Failure>(`/v1/jobs/${job}/calls`, bea)],
    ['a job that there is not', () => get<Failure>('/v1/jobs/job_none/calls')],
  ])('are not there for %s', async (_, ask) => {
    const { status, body } = await ask();
    expect([status, body.code]).toEqual([404, 'job-not-found']);
  });

  it.each(['pageToken=x', 'pageSize=0', 'pageSize=201', 'unknown=1'])('refuse %s', async (query) => {
    const { status, body } = await get<Failure>(`/v1/jobs/${job}/calls?${query}`);
    expect([status, body.code]).toEqual([422, 'validation-failed']);
  });
});

describe('what an owner has used', () => {
  const totals = async (query: string, key = ann) => {
    const { status, body } = await get<Page<UsageTotal> & { from: string; to: string }>(
      `/v1/usage?${query}`,
      key,
    );
    expect(status).toBe(200);
    return body;
  };
  const may = 'from=2026-05-01&to=2026-06-01';

  it('is told by day, from the first on and before the last', async () => {
    const { items, from, to } = await totals('from=2026-05-02T00:00:00%2B02:00&to=2026-05-04');
    expect([from, to]).toEqual(['2026-05-01T22:00:00.000Z', '2026-05-04T00:00:00.000Z']);
    expect(items).toEqual([
      {
        key: '2026-05-02',
        calls: 1,
        inputTokens: 10,
        cachedInputTokens: 0,
        outputTokens: 5,
        reasoningTokens: 0,
        costUsd: 2,
        wastedUsd: 2,
        savedUsd: 0,
        unpricedCalls: 0,
        estimated: false,
      },
      expect.objectContaining({ key: '2026-05-03' }),
    ]);
  });

  it('is told by model, type and tag', async () => {
    const by = async (group: string) => (await totals(`by=${group}&${may}`)).items;
    expect(await by('model')).toMatchObject([
      { key: 'openai/a', calls: 3, costUsd: 9, wastedUsd: 4, unpricedCalls: 0 },
      { key: 'openai/b', calls: 2, costUsd: 2, wastedUsd: 2, unpricedCalls: 1 },
    ]);
    expect(await by('type')).toMatchObject([{ key: 'extractArticle', calls: 5 }]);
    expect(await by('tag')).toMatchObject([{ key: null, calls: 5 }]);
  });

  it('comes in pages about the same time', async () => {
    const first = await totals(`by=day&${may}&pageSize=3`);
    const second = await totals(`by=day&${may}&pageSize=3&pageToken=${first.nextPageToken}`);
    expect([...first.items, ...second.items].map(({ key }) => key)).toEqual([
      '2026-05-01',
      '2026-05-02',
      '2026-05-03',
      '2026-05-04',
      '2026-05-05',
    ]);
    expect(second).toMatchObject({ from: first.from, to: first.to, nextPageToken: null });
  });

  it('is about the last 30 days when nothing is said', async () => {
    const { from, to, items } = await totals('');
    expect(Date.parse(to) - Date.parse(from)).toBe(30 * 24 * 60 * 60 * 1000);
    expect(Math.abs(Date.parse(to) - Date.now())).toBeLessThan(60_000);
    expect(items).toEqual([]);
  });

  it("is nobody else's", async () => {
    expect((await totals(may, bea)).items).toEqual([]);
  });

  it.each([
    ['by=owner', '/by'],
    ['from=yesterday', '/from'],
    ['to=2026-02-30', '/to'],
    ['from=2026-05-02&to=2026-05-01', '/from'],
    ['pageToken=bm90IG9uZSBvZiBvdXJz', '/pageToken'],
    ['pageSize=1001', '/pageSize'],
  ])('refuses %s', async (query, pointer) => {
    const ask = () => house.api.inject({ method: 'GET', url: `/v1/usage?${query}`, headers: ann.headers });
    const problem = problemIn(await whileBusy(ask, ({ statusCode }) => statusCode));
    expect(problem).toMatchObject({ status: 422, code: 'validation-failed' });
    expect(pointersOf(problem)).toEqual([pointer]);
  });
});

describe('the dearest jobs', () => {
  it("come with what they have cost in the time that is asked about, and are the owner's own", async () => {
    const { body } = await get<DearestJobs>('/v1/usage/jobs?from=2026-05-01&to=2026-05-06');
    // One of five calls has no known price, and one alone was of use.
    expect(body.items).toEqual([
      {
        jobId: job,
        type: 'extractArticle',
        subject: expect.any(String),
        calls: 5,
        costUsd: 11,
        wastedUsd: 6,
        savedUsd: 0,
        unpricedCalls: 1,
        lastCallAt: '2026-05-05T12:00:00.000Z',
      },
    ]);
    const some = await get<DearestJobs>('/v1/usage/jobs?from=2026-05-02&to=2026-05-04');
    expect(some.body.items).toMatchObject([{ calls: 2, costUsd: 5, wastedUsd: 5 }]);
    expect((await get<DearestJobs>('/v1/usage/jobs?from=2026-05-01', bea)).body.items).toEqual([]);
    expect((await get<DearestJobs>('/v1/usage/jobs?from=2020-01-01&to=2020-01-02')).body.items).toEqual([]);
  });

  const noTimes = [
    'from=soon',
    'to=soon',
    'from=0000-01-01',
    'from=1969-12-31',
    'to=9999-12-31T23:59:59-01:00',
  ];
  it.each(['limit=0', 'limit=101', 'by=cost', ...noTimes])('are not read with %s', async (query) => {
    const answer = await get<Failure>(`/v1/usage/jobs?${query}`);
    expect(answer.status).toBe(422);
    expect(pointersOf(answer.body)).toEqual([`/${query.split('=')[0]}`]);
  });
});

describe('what an owner may spend', () => {
  it('is told by day and month, without a limit where the operator has set none', async () => {
    const { body } = await get<OwnerBudgets>('/v1/usage/budgets');
    expect(body.items.map(({ span, limitUsd, leftUsd }) => [span, limitUsd, leftUsd])).toEqual([
      ['day', null, null],
      ['month', null, null],
    ]);
    for (const { renewsAt } of body.items) expect(Date.parse(renewsAt)).toBeGreaterThan(Date.now());
  });
});

failOnLeftovers();
