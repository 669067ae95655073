import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { Job } from '../../../job-types/contract/job.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';

let house: House;
/** A second API process on the same database and Temporal, with a cache of its own. */
let other: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream' });
  await house.startWorker();
  other = await openHouse({
    DATABASE_URL: house.env['DATABASE_URL'] ?? '',
    TEMPORAL_TASK_QUEUE: house.env['TEMPORAL_TASK_QUEUE'] ?? '',
  });
});
afterAll(async () => {
  await other.close();
  await house.close();
});

const request = (more: Record<string, unknown> = {}, input: Record<string, unknown> = {}) => ({
  type: 'extractArticle',
  input: { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr', wordCount: 3, ...input },
  ...more,
});
const submit = <T = Job>(body: object, headers: Record<string, string> = {}, at = house) =>
  at.ask<T>('POST', '/v1/jobs', body, headers);
const cancel = (id: string, body?: object) => house.ask('POST', `/v1/jobs/${id}/cancel`, body);

/** Under a key of its own. What a busy server was late to start is found as a replay: then another one is submitted. */
async function fresh(body: object = request()) {
  for (let round = 1; ; round += 1) {
    const key = { 'idempotency-key': randomUUID() };
    const answer = await submit(body, key);
    if (answer.headers['idempotency-replayed'] === 'false' || round === 5) return { ...answer, key };
  }
}

describe('a submit with an Idempotency-Key', () => {
  it('answers the same job to the same body, however its fields are ordered', async () => {
    const { key, ...first } = await fresh();
    expect(first).toMatchObject({ status: 202, headers: { 'idempotency-replayed': 'false' } });
    const { type, input } = request();
    const again = await submit({ input, type }, key);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.body.id).toBe(first.body.id);
  });

  it('answers 200 with the ended job once it has ended', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const { body } = await submit(request(), key);
    await house.jobWhen(body.id, 'the job is done', ({ done }) => done);
    const again = await submit(request(), key, other);
    expect(again).toMatchObject({ status: 200, body: { id: body.id, status: 'succeeded' } });
  });

  it('refuses another body and names the job', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const { body } = await submit(request(), key);
    const again = await submit<Failure>(request({}, { wordCount: 4 }), key);
    expect(again).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused', job: body.id } });
  });

  it('is answered before the body is checked', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const { body } = await submit(request(), key);
    const again = await submit<Failure>({ nonsense: true }, key);
    expect(again).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused', job: body.id } });
  });

  it('lets the client wait again, and says when to ask next', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const long = request({}, { model: 'openai/hang-mid-stream' });
    const { body } = await submit(long, key);
    const headers = { 'idempotency-replayed': 'true', location: `/v1/jobs/${body.id}` };
    const open = await submit(long, { ...key, prefer: 'wait=1' });
    expect(open).toMatchObject({
      status: 202,
      headers: { ...headers, 'retry-after': '1', 'preference-applied': 'wait=1' },
    });
    const ended = submit(long, { ...key, prefer: 'wait=60' }, other);
    await cancel(body.id);
    expect(await ended).toMatchObject({ status: 200, headers, body: { id: body.id, status: 'cancelled' } });
  });

  it('refuses a key it cannot use', async () => {
    const answer = await submit<Failure>(request(), { 'idempotency-key': 'ü'.repeat(3) });
    expect(answer).toMatchObject({ status: 400, body: { code: 'idempotency-key-invalid' } });
  });
});

describe('a submit', () => {
  it('answers 200 when the client waits and the job ends in time', async () => {
    const answer = await submit(request(), { prefer: 'respond-async, wait=60' });
    expect(answer).toMatchObject({ status: 200, headers: { 'preference-applied': 'wait=60' } });
    expect(answer.body.status).toBe('succeeded');
  });

  it('answers 202 when the wait is over first', async () => {
    const answer = await submit(request({}, { model: 'openai/hang-mid-stream' }), { prefer: 'wait=1' });
    expect(answer).toMatchObject({ status: 202, body: { done: false } });
    await cancel(answer.body.id);
    await house.jobWhen(answer.body.id, 'the job is cancelled', ({ done }) => done);
  });

  it('starts nothing when it is only to be validated', async () => {
    const answer = await submit<{ valid: boolean; input: unknown }>(
      request({ validateOnly: true }, { sourceLang: 'Spanish' }),
    );
    expect(answer).toMatchObject({ status: 200, body: { valid: true, input: { sourceLang: 'es' } } });
    const bad = await submit<Failure>(request({ validateOnly: true }, { wordCount: 0 }));
    expect(bad).toMatchObject({ status: 422, body: { errors: [{ pointer: '/input/wordCount' }] } });
  });

  it('starts later when asked, and can be cancelled meanwhile', async () => {
    const { body, status } = await submit(request({ delay: 3600 }));
    expect([status, body.status]).toEqual([202, 'scheduled']);
    expect(await house.job(body.id)).toMatchObject({ status: 'scheduled', stalled: null });
    await cancel(body.id, { reason: 'not needed' });
    const end = await house.jobWhen(body.id, 'the job has ended', ({ done }) => done);
    expect(end).toMatchObject({ status: 'cancelled', cancel: { reason: 'not needed' } });
  });

  it('ends timed_out, in order, when its time is up', async () => {
    const { body } = await submit(request({ timeout: 2 }, { model: 'openai/hang-mid-stream' }));
    const job = await house.jobWhen(body.id, 'the job has ended', ({ done }) => done);
    expect(job).toMatchObject({ status: 'timed_out', failure: { code: 'job-timed-out' } });
    const listed = async () => {
      const url = '/v1/jobs?status=timed_out&pageSize=200';
      const list = await house.request<{ items: { id: string }[] }>('GET', url);
      return list.body.items.some(({ id }) => id === body.id);
    };
    await until(listed, { what: 'the job is listed as timed out' });
  });

  it.each([
    ['both times', { delay: 1, startAt: new Date(Date.now() + 5000).toISOString() }, '/delay'],
    ['a conflict rule without a key', { onConflict: 'reject' }, '/onConflict'],
    [
      'a delay that cannot keep its rule',
      { delay: 5, concurrencyKey: 'k', onConflict: 'reject' },
      '/onConflict',
    ],
    ['a priority out of range', { priority: 6 }, '/priority'],
    ['a concurrency key with NUL', { concurrencyKey: 'a\0b' }, '/concurrencyKey'],
    ['a concurrency key with half a character', { concurrencyKey: 'a\ud800' }, '/concurrencyKey'],
    ['a tag that cannot be searched for', { tags: ['two\nlines'] }, '/tags/0'],
    ['a tag with half a character', { tags: ['fine', '\udc00'] }, '/tags/1'],
  ])('refuses %s', async (_, more, pointer) => {
    const { status, body } = await submit<Failure>(request(more));
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });
});

failOnLeftovers();
