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

/** What is seen between two attempts lasts a second or more, which a busy machine may miss. */
const mostRounds = 6;

/** A job that waits in this step for its next attempt; ended when it was looked at too late, also with other jobs. */
async function waitingIn<T extends { id: string }>(
  step: string,
  { submit, isSeen }: { submit: (round: number) => Promise<T>; isSeen: (job: Job) => boolean },
): Promise<T & { job: Job }> {
  for (let round = 1; ; round += 1) {
    const submitted = await submit(round);
    const job = await house.jobWhen(submitted.id, `${step} waits`, (now) => now.done || isSeen(now));
    if (!job.done || round === mostRounds) return { ...submitted, job };
  }
}

describe('a model that fails for a while', () => {
  const seen = new Map<string, { job: Job; wish: string }>();
  it.each([
    ['provider-unavailable', 'server-error', 2, undefined],
    ['answer-cut-off', 'cut-mid-stream', 2, undefined],
    ['provider-rate-limited', 'rate-limited', 3, 3],
  ] as const)(
    'shows the attempt that failed with %s and when the next one comes',
    async (code, behaviour, pause, retryAfter) => {
      const longestMs = pause * 1000 + promptMs;
      const waitsMs = (job: Job, wish: string) =>
        Date.parse(stepOf(job, 'extract').nextRetryAt ?? '') - (callsFor(wish)[0]?.closedAt ?? 0);
      let wish = '';
      const { id, job } = await waitingIn('extract', {
        async submit(round) {
          wish = `words about ${behaviour}, for a while ${round}`;
          house.models.next(behaviour, retryAfter === undefined ? {} : { retryAfter: String(retryAfter) });
          return house.submit({ prompt: wish });
        },
        isSeen: (now) => stepOf(now, 'extract').lastFailure?.code === code && waitsMs(now, wish) < longestMs,
      });
      const step = stepOf(job, 'extract');
      seen.set(code, { job, wish });
      // The next job's call is the one to fail, not the second call of this one.
      await endsOf(house, id);
      expect(job).toMatchObject({ status: 'running', done: false, failure: null, stalled: null });
      expect(step).toMatchObject({
        status: 'retrying',
        lastFailure: { code, retryable: true, step: 'extract', attempt: 1, provider: 'openai/answer' },
      });
      expect(step.lastFailure?.retryAfter).toBe(retryAfter);
      expect(step.lastFailure?.detail).toContain('It is tried again.');
      expect(waitsMs(job, wish)).toBeGreaterThanOrEqual(pause * 1000 - 50);
      expect(waitsMs(job, wish)).toBeLessThan(longestMs);
    },
  );

  const seenAfter = (code: string) => {
    const found = seen.get(code);
    if (!found) throw new Error(`no job was seen to wait after ${code}`);
    return found;
  };

  it.each(['provider-unavailable', 'answer-cut-off', 'provider-rate-limited'])(
    'ends well on the second attempt after %s',
    async (code) => {
      const { job: before, wish } = seenAfter(code);
      const { job, ...ends } = await endsOf(house, before.id);
      expect(job.status).toBe('succeeded');
      expect(ends.api).toBe('succeeded');
      expect(stepOf(job, 'extract')).toMatchObject({ status: 'succeeded', attempt: 2, nextRetryAt: null });
      expect(resultOf(job).words).toHaveLength(5);
      expect(callsFor(wish)).toHaveLength(2);
    },
  );

  it('leaves the provider alone for as long as it asked', async () => {
    const { wish } = seenAfter('provider-rate-limited');
    const [first, second] = callsFor(wish);
    expect((second?.at ?? 0) - (first?.closedAt ?? 0)).toBeGreaterThanOrEqual(3_000);
  });
});

describe('a model whose answers are broken', () => {
  let wish: string;
  /** As it was seen while it waited after the second broken answer. */
  let asked: Job;

  /** In between the provider also fails in another way, which must not start the count anew. */
  beforeAll(async () => {
    ({ wish, job: asked } = await waitingIn('extract', {
      async submit(round) {
        const about = `words about museums ${round}`;
        const { id } = await house.submit({ model: 'openai/broken-json', prompt: about });
        await until(() => callsFor(about).length >= 1, { what: 'the first broken answer' });
        house.models.next('rate-limited', { retryAfter: '1' });
        await until(() => callsFor(about).length >= 3, { what: 'the second broken answer' });
        return { id, wish: about };
      },
      isSeen: (now) => {
        const { lastFailure } = stepOf(now, 'extract');
        return lastFailure?.code === 'malformed-answer' && lastFailure.attempt === 3;
      },
    }));
  });

  it('is asked again, and the job says so', () => {
    expect(asked.done).toBe(false);
    expect(stepOf(asked, 'extract').lastFailure).toMatchObject({
      code: 'malformed-answer',
      retryable: true,
      attempt: 3,
    });
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
    const { job, ...ends } = await endsOf(house, asked.id);
    expect(ends).toEqual(unanimous.failed);
    expect(job.failure).toMatchObject({ code: 'malformed-answer', retryable: false, attempt: 4 });
    const broken = callsFor(wish).filter(({ behaviour }) => behaviour === 'broken-json');
    expect(broken).toHaveLength(3);
    expect(callsFor(wish)).toHaveLength(4);
  });
});

describe('a page that fails for a while', () => {
  it('is fetched again', async () => {
    const {
      id,
      path,
      job: waiting,
    } = await waitingIn('fetch', {
      async submit(round) {
        const flaky = `/flaky${round}`;
        house.web.on(flaky, (_, response) => {
          const first = house.web.requests.get(flaky) === 1;
          response.writeHead(first ? 500 : 200, { 'content-type': 'text/html; charset=utf-8' });
          response.end(first ? 'Oops' : articlePage());
        });
        const { id: submitted } = await house.submit({ url: `${house.web.url}flaky${round}` });
        return { id: submitted, path: flaky };
      },
      isSeen: (now) => !!stepOf(now, 'fetch').nextRetryAt,
    });
    expect(stepOf(waiting, 'fetch')).toMatchObject({
      status: 'retrying',
      lastFailure: { code: 'page-unavailable', retryable: true, attempt: 1 },
    });
    const { job } = await endsOf(house, id);
    expect(job.status).toBe('succeeded');
    expect(stepOf(job, 'fetch')).toMatchObject({ status: 'succeeded', attempt: 2 });
    expect(house.web.requests.get(path)).toBe(2);
  });
});

failOnLeftovers();
