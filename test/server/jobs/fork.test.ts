import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ExtractArticleResult } from '../../../job-types/extract-article.js';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { Job } from '../../../job-types/contract/job.js';
import { generateCv } from '../../../job-types/generate-cv.js';
import { JobStarter, NotSent } from '../../../src/jobs/job-starter.js';
import { endsOf } from '../../harness/ends.js';
import { type House, openHouse } from '../../harness/house.js';
import { makeKey } from '../../harness/keys.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';

jest.setTimeout(180_000);

let house: House;
/** A job that has succeeded. */
let done: Job;

beforeAll(async () => {
  house = await openHouse({
    MODELS: 'openai/wrong-key,openai/hang-mid-stream,openai/other',
    MODEL_PRICES: 'openai/answer=1000000/4000000,openai/other=1000000/4000000',
  });
  await house.startWorker();
  const { body } = await house.start({
    type: 'extractArticle',
    input: { ...article(), wordCount: 5 },
    tags: ['forked'],
    metadata: { note: 'ours' },
  });
  ({ job: done } = await endsOf(house, body.id));
});
afterAll(() => house.close());

const article = () => ({ url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' });
/** With a key, so that what a busy server began and was late to say is not begun again. */
const fork = <T = Job>(id: string, body: object, headers: Record<string, string> = {}) =>
  house.ask<T>('POST', `/v1/jobs/${id}/fork`, body, { 'idempotency-key': randomUUID(), ...headers });
const modelCalls = () => house.models.calls.length;
const reusedOf = ({ steps }: Job) => steps.map(({ name, reused }) => [name, reused]);

/** The fork, ended, and how often a model was asked for it. */
async function forked(id: string, body: object): Promise<{ job: Job; first: Job; asked: number }> {
  const before = modelCalls();
  const { status, headers, body: first } = await fork(id, body);
  // Told once more, it may be further by then.
  const begun = [202, 'queued'];
  expect(headers['idempotency-replayed'] === 'true' ? begun : [status, first.status]).toEqual(begun);
  const { job } = await endsOf(house, first.id);
  return { job, first, asked: modelCalls() - before };
}

describe('a fork', () => {
  it('of a job that succeeded begins at the step, and tells what that saves', async () => {
    const { job, first, asked } = await forked(done.id, { fromStep: 'save' });
    const { inputTokens, outputTokens, costUsd } = done.usage ?? {};
    const forkOf = {
      job: done.id,
      fromStep: 'save',
      reuses: ['fetch', 'extract'],
      saves: { inputTokens, outputTokens, costUsd },
    };
    expect(costUsd).toBeGreaterThan(0);
    expect(first).toMatchObject({ forkOf, retryOf: null, rerunOf: null });
    expect(job).toMatchObject({
      ...{ status: 'succeeded', forkOf, tags: ['forked'], metadata: { note: 'ours' } },
      usage: { inputTokens: 0, outputTokens: 0, costUsd: 0, savedUsd: costUsd },
    });
    expect(reusedOf(job)).toEqual([
      ['fetch', true],
      ['extract', true],
      ['save', false],
    ]);
    expect(asked).toBe(0);
    const words = (of: Job) => (of.result as ExtractArticleResult).words.map(({ word }) => word);
    expect(words(job)).toEqual(words(done));
    expect(await house.job(done.id)).toEqual(done);
  });

  it('with another model asks that one, and reuses what no model has said', async () => {
    const { job, asked } = await forked(done.id, { fromStep: 'save', model: 'openai/other' });
    expect(job).toMatchObject({ status: 'succeeded', result: { provider: 'openai/other' } });
    expect(reusedOf(job)).toEqual([
      ['fetch', true],
      ['extract', false],
      ['save', false],
    ]);
    expect(job.usage).toMatchObject({ savedUsd: 0 });
    expect(asked).toBe(1);
  });

  it('with another input does again whatever that changes', async () => {
    const other = await forked(done.id, { fromStep: 'save', input: { ...article(), wordCount: 4 } });
    expect(reusedOf(other.job).slice(0, 2)).toEqual([
      ['fetch', true],
      ['extract', false],
    ]);
    expect((other.job.result as ExtractArticleResult).words).toHaveLength(4);
    const elsewhere = { ...article(), url: `${house.web.url}article?other` };
    const { job } = await forked(done.id, { fromStep: 'save', input: elsewhere });
    expect(job).toMatchObject({ status: 'succeeded', result: { sourceUrl: elsewhere.url } });
    expect(reusedOf(job)[0]).toEqual(['fetch', false]);
  });

  it('does the step it begins with and those after it anew, though nothing has changed', async () => {
    const { job, asked } = await forked(done.id, { fromStep: 'extract' });
    expect(job.forkOf).toMatchObject({ reuses: ['fetch'], saves: { outputTokens: 0, costUsd: 0 } });
    expect(reusedOf(job).slice(0, 2)).toEqual([
      ['fetch', true],
      ['extract', false],
    ]);
    expect(asked).toBe(1);
  });

  it('can itself be forked, rerun and retried', async () => {
    const { job: one } = await forked(done.id, { fromStep: 'save', model: 'openai/wrong-key' });
    expect(one.status).toBe('failed');
    const retry = await house.ask<Job>('POST', `/v1/jobs/${one.id}/retry`);
    const { job: retried } = await endsOf(house, retry.body.id);
    expect(retried).toMatchObject({ retryOf: one.id, forkOf: null });
    expect(reusedOf(retried)[0]).toEqual(['fetch', true]);
    const { job: two } = await forked(one.id, { fromStep: 'extract', model: 'openai/answer' });
    expect(two).toMatchObject({ status: 'succeeded', forkOf: { job: one.id, reuses: ['fetch'] } });
    const { job: three, asked } = await forked(two.id, { fromStep: 'save' });
    expect(three.usage).toMatchObject({ costUsd: 0, savedUsd: two.usage?.costUsd });
    expect(asked).toBe(0);
    const key = { 'idempotency-key': randomUUID() };
    const rerun = await house.ask<Job>('POST', `/v1/jobs/${three.id}/rerun`, undefined, key);
    const { job: again } = await endsOf(house, rerun.body.id);
    expect(again.forkOf).toBeNull();
    expect(reusedOf(again)[0]).toEqual(['fetch', false]);
  });

  it('of a fork tells what the answers had cost, whoever paid for them', async () => {
    const { job: one } = await forked(done.id, { fromStep: 'save' });
    const { first, job, asked } = await forked(one.id, { fromStep: 'save' });
    const { inputTokens, outputTokens, costUsd } = done.usage ?? {};
    expect(first.forkOf?.saves).toEqual({ inputTokens, outputTokens, costUsd });
    expect(job.usage).toMatchObject({ costUsd: 0, savedUsd: costUsd });
    expect(asked).toBe(0);
  });

  it('asks again where our prompt is another one by now, and hands that answer on', async () => {
    const { job: old } = await forked(done.id, { fromStep: 'extract' });
    const before = { prompt: 'choose-words@00000000' };
    await house.db.updateTable('model_calls').set(before).where('job_id', '=', old.id).execute();
    const one = await forked(old.id, { fromStep: 'save' });
    expect(reusedOf(one.job)[1]).toEqual(['extract', false]);
    expect(one.asked).toBe(1);
    const two = await forked(one.job.id, { fromStep: 'save' });
    expect(reusedOf(two.job)[1]).toEqual(['extract', true]);
    expect(two.asked).toBe(0);
  });

  it('is another job at each call, unless the call repeats its Idempotency-Key', async () => {
    const body = { fromStep: 'save' };
    const headers = { 'idempotency-key': randomUUID() };
    const calls = await Promise.all([1, 2, 3].map(() => fork(done.id, body, headers)));
    expect(new Set(calls.map(({ body: job }) => job.id)).size).toBe(1);
    const [first] = calls;
    expect(first?.body.forkOf?.reuses).toEqual(['fetch', 'extract']);
    const other = await fork<Failure>(done.id, { fromStep: 'extract' }, headers);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused']);
    const free = await house.ask<Job>('POST', `/v1/jobs/${done.id}/fork`, body);
    expect(free.body.id).not.toBe(first?.body.id);
    for (const id of [first?.body.id, free.body.id]) await endsOf(house, id ?? '');
  });
});

describe('two forks at once with one Idempotency-Key and different bodies', () => {
  /** The first one is about to be started when the second comes, which is held up until the first has its answer. */
  async function crossed(first: object, second: object) {
    const headers = { 'idempotency-key': randomUUID() };
    const { promise: firstIsReady, resolve: ready } = Promise.withResolvers<void>();
    const { promise: secondIsReady, resolve: crossing } = Promise.withResolvers<void>();
    const { promise: firstIsAnswered, resolve: answered } = Promise.withResolvers<void>();
    const start = JobStarter.prototype.start;
    const held = jest
      .spyOn(JobStarter.prototype, 'start')
      .mockImplementationOnce(async function (this: JobStarter, job) {
        ready();
        await secondIsReady;
        return start.call(this, job);
      })
      .mockImplementationOnce(async function (this: JobStarter, job) {
        crossing();
        await firstIsAnswered;
        return start.call(this, job);
      });
    try {
      const one = fork(done.id, first, headers).finally(answered);
      await firstIsReady;
      const other = fork<Failure>(done.id, second, headers).finally(crossing);
      return { one: await one, other: await other };
    } finally {
      held.mockRestore();
    }
  }

  it.each([
    ['save', 'extract'],
    ['extract', 'save'],
  ])('are one job, from %s on, and the other one changes nothing of it', async (first, second) => {
    const { one, other } = await crossed({ fromStep: first }, { fromStep: second });
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused']);
    expect([one.status, one.body.forkOf?.fromStep]).toEqual([202, first]);
    const { job } = await endsOf(house, one.body.id);
    expect(reusedOf(job)).toEqual([
      ['fetch', true],
      ['extract', first === 'save'],
      ['save', false],
    ]);
  });
});

describe('a fork that could not be sent', () => {
  /** What was asked while Temporal was too busy, which tells the client to come again. */
  async function notSent(id: string, { body, headers = {} }: { body: object; headers?: object }) {
    const busy = jest.spyOn(JobStarter.prototype, 'start').mockRejectedValueOnce(new NotSent());
    try {
      const url = `/v1/jobs/${id}/fork`;
      const answer = await house.request<Failure>('POST', url, body, headers as Record<string, string>);
      expect([answer.status, answer.body.code]).toEqual([503, 'temporal-unavailable']);
    } finally {
      busy.mockRestore();
    }
  }

  it('and comes again for an earlier step, or of another job, does what that asks for', async () => {
    const earlier = { 'idempotency-key': randomUUID() };
    await notSent(done.id, { body: { fromStep: 'save' }, headers: earlier });
    const { status, body: first } = await fork(done.id, { fromStep: 'extract' }, earlier);
    expect([status, first.forkOf?.reuses]).toEqual([202, ['fetch']]);
    const { job } = await endsOf(house, first.id);
    expect(reusedOf(job)).toEqual([
      ['fetch', true],
      ['extract', false],
      ['save', false],
    ]);

    const other = { 'idempotency-key': randomUUID() };
    const { job: four } = await forked(done.id, { fromStep: 'save', input: { ...article(), wordCount: 4 } });
    await notSent(done.id, { body: { fromStep: 'save' }, headers: other });
    const { body: again } = await fork(four.id, { fromStep: 'save' }, other);
    const { job: second } = await endsOf(house, again.id);
    expect(second.forkOf?.reuses).toEqual(['fetch', 'extract']);
    expect(reusedOf(second)[1]).toEqual(['extract', true]);
    expect((second.result as ExtractArticleResult).words).toHaveLength(4);
  });

  it('hands nothing on to a rerun that comes with its key', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    await notSent(done.id, { body: { fromStep: 'save' }, headers });
    const { body: rerun } = await house.ask<Job>('POST', `/v1/jobs/${done.id}/rerun`, {}, headers);
    const { job } = await endsOf(house, rerun.id);
    expect(job).toMatchObject({ status: 'succeeded', rerunOf: done.id, forkOf: null });
    expect(reusedOf(job).map(([, reused]) => reused)).toEqual([false, false, false]);
  });

  it('leaves its place under the key of its own input, and the key is free', async () => {
    const input = { ...generateCv.example, applicationId: 'before' };
    const old = await house.submitJob('generateCv', input);
    await endsOf(house, old.id);
    await notSent(old.id, { body: { fromStep: 'write', input: { ...input, applicationId: 'after' } } });
    const places = () => house.db.selectFrom('concurrency_queue').select(['key', 'job_id']).execute();
    await until(async () => (await places()).length === 0, { what: 'nobody has a place' });
    const { job, first } = await forked(old.id, {
      fromStep: 'write',
      input: { ...input, applicationId: 'after' },
    });
    expect(first).toMatchObject({ concurrencyKey: 'application after' });
    expect(job).toMatchObject({ status: 'succeeded', concurrencyKey: 'application after' });
  });
});

describe('a fork is refused, and nothing is started,', () => {
  it.each([
    [{ fromStep: 'dance' }, '/fromStep', /fetch, extract, save/],
    [{}, '/fromStep', /./],
    [{ fromStep: 'save', input: { url: 'nope' } }, '/input/url', /URL/],
    [{ fromStep: 'save', model: 'openai/nobody' }, '/model', /openai\/answer/],
    [{ fromStep: 'save', wish: 1 }, '/wish', /not known/],
  ])('for %j', async (body, pointer, detail) => {
    const before = await house.db.selectFrom('receipts').select('step').execute();
    const answer = await fork<Failure>(done.id, body);
    expect(answer).toMatchObject({ status: 422, body: { code: expect.stringMatching(/validation|model/) } });
    const error = answer.body.errors?.find((one) => one.pointer === pointer);
    expect(error?.detail).toMatch(detail);
    expect(await house.db.selectFrom('receipts').select('step').execute()).toHaveLength(before.length);
  });

  it('for a job that is not there, is not yours or has not ended', async () => {
    const missing = await fork<Failure>('job_nope', { fromStep: 'save' });
    expect([missing.status, missing.body.code]).toEqual([404, 'job-not-found']);
    const open = await house.submit({ model: 'openai/hang-mid-stream' });
    const early = await fork<Failure>(open.id, { fromStep: 'save' });
    expect([early.status, early.body.code]).toEqual([409, 'not-finished']);
    await house.ask('POST', `/v1/jobs/${open.id}/cancel`, {});
    await endsOf(house, open.id);
    // From the first key on, nobody is let in without one: this stands last.
    const { headers } = await makeKey(house.db, 'ben');
    const isAsked = async () => (await house.request('GET', '/v1/jobs')).status === 401;
    await until(isAsked, { what: 'the API asks for a key' });
    const foreign = await fork<Failure>(done.id, { fromStep: 'save' }, headers);
    expect([foreign.status, foreign.body.code]).toEqual([404, 'job-not-found']);
  });
});

failOnLeftovers();
