import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ExtractArticleResult } from '../../../job-types/extract-article.js';
import type { Job } from '../../../job-types/contract/job.js';
import type { Call } from '../../../scripts/stand-ins/model-server.js';
import { articlePage } from '../../stand-ins/web-server.js';
import { endsOf, stepOf, unanimous } from '../../harness/ends.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { promptMs } from '../../harness/prompt.js';
import { until } from '../../harness/until.js';

/** A refusal that waiting does not mend, and the code it has in the job. */
const final = [
  ['wrong-key', 'provider-key-refused'],
  ['unknown-model', 'model-not-found'],
  ['context-too-long', 'context-too-long'],
  ['quota-exhausted', 'quota-exhausted'],
  ['length-limit', 'answer-too-long'],
  ['content-filter', 'answer-withheld'],
] as const;

let house: House;

beforeAll(async () => {
  const named = [...final.map(([behaviour]) => behaviour), 'broken-json'];
  house = await openHouse({ MODELS: named.map((name) => `openai/${name}`).join(',') });
  await house.startWorker();
});
afterAll(() => house.close());

/** Calls made for a job, which is known by its wish for certain words. */
const callsFor = (wish: string): Call[] =>
  house.models.calls.filter(({ body }) => JSON.stringify(body).includes(wish));

const resultOf = (job: Job) => job.result as ExtractArticleResult;

describe('a model that fails for a while', () => {
  const wishes = ['words about boats', 'words about light', 'words about stairs'];
  let jobs: { id: string; wish: string }[];

  beforeAll(async () => {
    house.models.next('rate-limited', { retryAfter: '3' });
    house.models.next('server-error');
    house.models.next('cut-mid-stream');
    jobs = await Promise.all(
      wishes.map(async (wish) => ({ id: (await house.submit({ prompt: wish })).id, wish })),
    );
  });

  /** The job that met this failure, while it waits for its next attempt. */
  const retrying = (code: string) =>
    until(
      async () => {
        for (const { id, wish } of jobs) {
          const job = await house.job(id);
          const step = stepOf(job, 'extract');
          if (step.lastFailure?.code === code && step.nextRetryAt) return { job, step, wish };
        }
        return null;
      },
      { what: `a job waits after ${code}` },
    );

  // The three wait at the same time, the shortest pause first.
  const seen = new Map<string, { job: Job; wish: string }>();
  it.each([
    ['provider-unavailable', 2, undefined],
    ['answer-cut-off', 2, undefined],
    ['provider-rate-limited', 3, 3],
  ])('shows the attempt that failed with %s and when the next one comes', async (code, pause, retryAfter) => {
    const { job, step, wish } = await retrying(code);
    seen.set(code, { job, wish });
    expect(job).toMatchObject({ status: 'running', done: false, failure: null, stalled: null });
    expect(step).toMatchObject({
      status: 'retrying',
      lastFailure: { code, retryable: true, step: 'extract', attempt: 1, provider: 'openai/answer' },
    });
    expect(step.lastFailure?.retryAfter).toBe(retryAfter);
    expect(step.lastFailure?.detail).toContain('It is tried again.');
    const failedAt = callsFor(wish)[0]?.closedAt ?? 0;
    const waitsMs = Date.parse(step.nextRetryAt ?? '') - failedAt;
    expect(waitsMs).toBeGreaterThanOrEqual(pause * 1000 - 50);
    expect(waitsMs).toBeLessThan(pause * 1000 + promptMs);
  });

  it.each(['provider-unavailable', 'answer-cut-off', 'provider-rate-limited'])(
    'ends well on the second attempt after %s',
    async (code) => {
      const { job: before, wish } = seen.get(code) ?? (await retrying(code));
      const { job, ...ends } = await endsOf(house, before.id);
      expect(job.status).toBe('succeeded');
      expect(ends.api).toBe('succeeded');
      expect(stepOf(job, 'extract')).toMatchObject({ status: 'succeeded', attempt: 2, nextRetryAt: null });
      expect(resultOf(job).words).toHaveLength(5);
      expect(callsFor(wish)).toHaveLength(2);
    },
  );

  it('leaves the provider alone for as long as it asked', async () => {
    const { wish } = seen.get('provider-rate-limited') ?? (await retrying('provider-rate-limited'));
    const [first, second] = callsFor(wish);
    expect((second?.at ?? 0) - (first?.closedAt ?? 0)).toBeGreaterThanOrEqual(3_000);
  });
});

describe('a model whose answers are broken', () => {
  const wish = 'words about museums';
  let id: string;

  /** In between the provider also fails in another way, which must not start the count anew. */
  beforeAll(async () => {
    ({ id } = await house.submit({ model: 'openai/broken-json', prompt: wish }));
    await until(() => callsFor(wish).length === 1, { what: 'the first broken answer' });
    house.models.next('rate-limited', { retryAfter: '1' });
    await until(() => callsFor(wish).length === 3, { what: 'the second broken answer' });
  });

  it('is asked again, and the job says so', async () => {
    const job = await house.jobWhen(id, 'two broken answers', (now) => {
      const { lastFailure, attempt } = stepOf(now, 'extract');
      return lastFailure?.code === 'malformed-answer' && (attempt ?? 0) >= 3;
    });
    expect(stepOf(job, 'extract').lastFailure).toMatchObject({ retryable: true, attempt: 3 });
  });

  describe.each(final)('a model that refuses with %s', (behaviour, code) => {
    it(`fails the job at once with ${code}, after exactly one call`, async () => {
      const about = `words about ${behaviour}`;
      const submitted = await house.submit({ model: `openai/${behaviour}`, prompt: about });
      const { job, ...ends } = await endsOf(house, submitted.id);
      expect(ends).toEqual(unanimous.failed);
      expect(job.failure).toMatchObject({
        type: `/problems/${code}`,
        code,
        retryable: false,
        step: 'extract',
        attempt: 1,
        provider: `openai/${behaviour}`,
      });
      expect(job.failure?.detail).toContain('It is not tried again.');
      expect(JSON.stringify(job)).not.toMatch(/sk-/);
      expect(stepOf(job, 'extract')).toMatchObject({ status: 'failed', attempt: 1 });
      expect(stepOf(job, 'save').status).toBe('pending');
      expect(callsFor(about)).toHaveLength(1);
    });
  });

  it('is given up after three broken answers, whatever else happened between them', async () => {
    const { job, ...ends } = await endsOf(house, id);
    expect(ends).toEqual(unanimous.failed);
    expect(job.failure).toMatchObject({ code: 'malformed-answer', retryable: false, attempt: 4 });
    const broken = callsFor(wish).filter(({ behaviour }) => behaviour === 'broken-json');
    expect(broken).toHaveLength(3);
    expect(callsFor(wish)).toHaveLength(4);
  });
});

describe('a page that fails for a while', () => {
  it('is fetched again', async () => {
    house.web.on('/flaky', (_, response) => {
      const first = house.web.requests.get('/flaky') === 1;
      response.writeHead(first ? 500 : 200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(first ? 'Oops' : articlePage());
    });
    const { id } = await house.submit({ url: `${house.web.url}flaky` });
    const waiting = await house.jobWhen(id, 'the fetch waits', (job) => !!stepOf(job, 'fetch').nextRetryAt);
    expect(stepOf(waiting, 'fetch')).toMatchObject({
      status: 'retrying',
      lastFailure: { code: 'page-unavailable', retryable: true, attempt: 1 },
    });
    const { job } = await endsOf(house, id);
    expect(job.status).toBe('succeeded');
    expect(stepOf(job, 'fetch')).toMatchObject({ status: 'succeeded', attempt: 2 });
    expect(house.web.requests.get('/flaky')).toBe(2);
  });
});

failOnLeftovers();
