import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ExtractArticleResult } from '../../../job-types/extract-article.js';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { Job } from '../../../job-types/contract/job.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/wrong-key' });
  await house.startWorker();
});
afterAll(() => house.close());

const post = <T = Job>(path: string, body?: unknown, headers?: Record<string, string>) =>
  house.ask<T>('POST', path, body, headers);
const ended = (id: string) => house.jobWhen(id, `${id} has ended`, ({ done }) => done);

describe('a retry', () => {
  it('reuses the steps that are done and does the rest', async () => {
    house.models.next('quota-exhausted');
    const before = house.web.requests.get('/article') ?? 0;
    const failed = await ended((await house.submit()).id);
    expect(failed).toMatchObject({ status: 'failed', failure: { code: 'quota-exhausted' } });

    const { status, body } = await post(`/v1/jobs/${failed.id}/retry`);
    expect([status, body.id, body.retryOf]).toEqual([202, `${failed.id}.r1`, failed.id]);
    const job = await ended(body.id);
    expect(job.status).toBe('succeeded');
    expect(job.steps.map(({ name, reused }) => [name, reused])).toEqual([
      ['fetch', true],
      ['extract', false],
      ['save', false],
    ]);
    expect(house.web.requests.get('/article')).toBe(before + 1);
    expect(await house.job(failed.id)).toMatchObject({ status: 'failed' });
  });

  it('is one job however often it is asked for', async () => {
    house.models.next('quota-exhausted');
    const failed = await ended((await house.submit()).id);
    const answers = await Promise.all([1, 2, 3].map(() => post(`/v1/jobs/${failed.id}/retry`)));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    await ended(`${failed.id}.r1`);
  });

  it('counts on after a retry that failed too', async () => {
    const failed = await ended((await house.submit({ model: 'openai/wrong-key' })).id);
    const second = await ended((await post(`/v1/jobs/${failed.id}/retry`)).body.id);
    expect(second.status).toBe('failed');
    const third = await post(`/v1/jobs/${second.id}/retry`);
    expect(third.body.id).toBe(`${failed.id}.r2`);
    await ended(third.body.id);
  });

  it('is refused while the job runs, and after it succeeded', async () => {
    const { body } = await post<Job>('/v1/jobs', {
      type: 'extractArticle',
      input: { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' },
      delay: 600,
    });
    expect((await post<Failure>(`/v1/jobs/${body.id}/retry`)).body.code).toBe('not-finished');
    await post(`/v1/jobs/${body.id}/cancel`);
    const done = await ended((await house.submit()).id);
    const answer = await post<Failure>(`/v1/jobs/${done.id}/retry`);
    expect([answer.status, answer.body.code]).toEqual([409, 'already-succeeded']);
  });
});

describe('a review', () => {
  const waiting = async () => {
    const { id } = await house.submit({ review: true });
    return house.jobWhen(
      id,
      'the job waits',
      ({ status, waitingFor }) => status === 'waiting' && !!waitingFor[0]?.data,
    );
  };

  it('shows what it waits for, takes the answer and goes on with it', async () => {
    const job = await waiting();
    expect(job.waitingFor).toMatchObject([
      { id: 'review', name: 'review', schema: { $defs: { EditedWord: { type: 'object' } } } },
    ]);
    const { words } = (job.waitingFor[0]?.data ?? { words: [] }) as { words: ExtractArticleResult['words'] };
    const kept = words.slice(0, 2);
    const bad = await post<Failure>(`/v1/jobs/${job.id}/input`, { name: 'review', value: { words: [{}] } });
    expect(bad.status).toBe(422);
    expect(bad.body.errors?.[0]?.pointer).toMatch(/^\/value\/words\/0\//);
    const [one] = words;
    for (const [unsavable, pointer] of [
      [[one, one], '/value/words/1/word'],
      [[{ ...one, word: 'x'.repeat(9_000) }], '/value/words/0/word'],
      [[{ ...one, word: ' ' }], '/value/words/0/word'],
      [[{ ...one, examples: ['a\u0000b'] }], '/value/words/0/examples/0'],
    ] as const) {
      const refused = await post<Failure>(`/v1/jobs/${job.id}/input`, {
        name: 'review',
        value: { words: unsavable },
      });
      expect([refused.status, refused.body.errors?.map((error) => error.pointer)]).toEqual([422, [pointer]]);
    }

    const answer = { name: 'review', value: { words: kept } };
    const [first, second] = await Promise.all([
      post(`/v1/jobs/${job.id}/input`, answer),
      post(`/v1/jobs/${job.id}/input`, answer),
    ]);
    expect([first.status, second.status]).toEqual([200, 200]);
    const end = await ended(job.id);
    expect((end.result as ExtractArticleResult).words).toEqual(kept);
    expect((await post(`/v1/jobs/${job.id}/input`, answer)).status).toBe(200);
    const other = await post<Failure>(`/v1/jobs/${job.id}/input`, { name: 'review', value: { words: [] } });
    expect([other.status, other.body.code]).toEqual([409, 'not-waiting']);
  });

  it('takes back all that it can show, as it was written or in escapes', async () => {
    const said = Array.from({ length: 90 }, (_, n) => `señal${n}`);
    const long = said.join(' ');
    const shown = Array.from({ length: 1_000 }, (_, n) => `año${n}`);
    house.web.on('/long', (_, response) =>
      response
        .setHeader('content-type', 'text/html; charset=utf-8')
        .end(`<!doctype html><title>a</title><article><p>${long}.</p><p>${shown.join(' ')}</p></article>`),
    );
    const fields = { lemma: null, partOfSpeech: null, gender: null, translation: 'x'.repeat(290) };
    const examples = [0, 3, 6].map((start) => said.slice(start, start + 72).join(' '));
    const words = shown.map((word) => ({ word, ...fields, examples }));
    house.models.next('instant', { text: JSON.stringify({ words }) });
    const { id } = await house.submit({ url: `${house.web.url}long`, wordCount: 1_000, review: true });
    const job = await house.jobWhen(id, 'the job waits', ({ waitingFor }) => !!waitingFor[0]?.data);
    expect(job.waitingFor[0]?.data).toEqual({ words });
    const answer = JSON.stringify({ name: 'review', value: job.waitingFor[0]?.data });
    const escaped = answer.replace(
      /[^ -~]/g,
      (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    expect(escaped.length).toBeGreaterThan(2_000_000);
    for (const body of [answer, escaped]) {
      const { status } = await post(`/v1/jobs/${id}/input`, body, { 'content-type': 'application/json' });
      expect(status).toBe(200);
    }
    expect((await ended(id)).result).toMatchObject({ newWords: 1_000 });
    const large = await post<Failure>('/v1/jobs', { type: 'ask', input: { prompt: 'x'.repeat(2_000_000) } });
    expect([large.status, large.body.code]).toEqual([413, 'payload-too-large']);
  });

  it('is listed as waiting, and survives a worker', async () => {
    const job = await waiting();
    const listed = async () => {
      const url = '/v1/jobs?status=waiting&pageSize=200';
      const list = await house.request<{ items: { id: string }[] }>('GET', url);
      return list.body.items.some(({ id }) => id === job.id);
    };
    await until(listed, { what: 'the job is listed as waiting' });
    await post(`/v1/jobs/${job.id}/cancel`);
    expect((await ended(job.id)).status).toBe('cancelled');
  });

  it('is asked for again by a retry, which takes nothing over from the wait before', async () => {
    const job = await waiting();
    await post(`/v1/jobs/${job.id}/cancel`);
    await ended(job.id);
    const { body: retry } = await post(`/v1/jobs/${job.id}/retry`);
    const { events } = await house.temporal.workflow.getHandle(retry.id).fetchHistory();
    const memo = events?.[0]?.workflowExecutionStartedEventAttributes?.memo?.fields ?? {};
    expect(memo).toHaveProperty('retryOf');
    expect(memo).not.toHaveProperty('waitingFor');
    await house.jobWhen(retry.id, 'the retry waits', ({ status }) => status === 'waiting');
    await post(`/v1/jobs/${retry.id}/cancel`);
    await ended(retry.id);
  });

  it('is not waiting for anything else', async () => {
    const { id } = await house.submit();
    const answer = await post<Failure>(`/v1/jobs/${id}/input`, { name: 'review', value: { words: [] } });
    expect([answer.status, answer.body.code]).toEqual([409, 'not-waiting']);
    await ended(id);
  });
});

failOnLeftovers();
