import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { Job } from '../../../job-types/contract/job.js';
import { ClosedRunSweep } from '../../../src/ends/closed-run-sweep.js';
import { endsOf, unanimous } from '../../harness/ends.js';
import { openStream } from '../../harness/event-stream.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { leastMs, promptMs } from '../../harness/prompt.js';
import { until } from '../../harness/until.js';

/** Never has a worker. */
let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const get = (path: string, headers: Record<string, string> = {}) =>
  house.ask<Job | Failure>('GET', path, undefined, headers);
const post = (path: string, body?: unknown) => house.ask<Job | Failure>('POST', path, body);

/** The last result of what may be done several times. */
async function quick<T>(work: () => Promise<T>): Promise<T> {
  const done: T[] = [];
  const least = await leastMs(promptMs, async () => {
    const from = performance.now();
    done.unshift(await work());
    return performance.now() - from;
  });
  expect(least).toBeLessThan(promptMs);
  return done[0] as T;
}

it('a job that no worker ever sees is answered for, from its submit to its end', async () => {
  const { id, status } = await quick(() => house.submit({ review: true }));
  const at = `/v1/jobs/${id}`;
  expect(status).toBe('queued');
  const stream = await openStream(`${house.url}${at}/events`);
  expect(stream.status).toBe(200);
  expect(await quick(() => get(at))).toMatchObject({ status: 200, body: { status: 'queued', done: false } });
  expect(await quick(() => get(`${at}/result`))).toMatchObject({
    status: 409,
    body: { code: 'not-finished' },
  });
  expect(await quick(() => post(`${at}/retry`))).toMatchObject({
    status: 409,
    body: { code: 'not-finished' },
  });
  const waited = await get(at, { prefer: 'wait=1' });
  expect(waited).toMatchObject({ status: 200, body: { done: false } });
  // Nobody can tell whether the answer will count.
  const answer = await house.request('POST', `${at}/input`, { name: 'review', value: { words: [] } });
  expect(answer).toMatchObject({ status: 503, body: { code: 'input-unconfirmed', retryable: true } });
  const stalled = await house.jobWhen(id, 'the job says that it cannot move', (job) => job.stalled !== null);
  expect(stalled).toMatchObject({ status: 'queued', stalled: { reason: 'no-worker' } });

  const cancelled = await quick(() => post(`${at}/cancel`, { reason: 'nobody comes' }));
  expect(cancelled).toMatchObject({
    status: 200,
    body: { status: 'cancelled', startedAt: null, stalled: null },
  });
  const { job, ...ends } = await endsOf(house, id);
  expect(ends).toEqual({ ...unanimous.cancelled, temporal: 'TERMINATED' });
  expect(job.cancel).toMatchObject({ reason: 'nobody comes', escalated: false });
  await stream.untilClosed();
  expect(stream.events).toMatchObject([
    { seq: 1, type: 'job.queued' },
    { seq: 2, type: 'job.cancelling', data: { reason: 'nobody comes', mode: 'graceful', by: null } },
    { seq: 3, type: 'end', data: { status: 'cancelled' } },
  ]);

  const again = await quick(() => post(`${at}/retry`));
  expect(again).toMatchObject({ status: 202, body: { id: `${id}.r1`, status: 'queued', retryOf: id } });
  const forced = await quick(() => post(`${at}.r1/cancel`, { mode: 'force' }));
  expect(forced).toMatchObject({ status: 200, body: { status: 'cancelled', done: true } });
});

it('a job whose time runs out before any worker comes ends timed_out', async () => {
  const { id } = await house.submit();
  const { type, memo = {}, typedSearchAttributes } = await house.temporal.workflow.getHandle(id).describe();
  const workflowId = `${id}.r1`;
  // As a submit does it, but for the minute of grace that its time-out has in Temporal.
  await house.temporal.workflow.start(type, {
    workflowId,
    taskQueue: house.env['TEMPORAL_TASK_QUEUE'] ?? '',
    args: [],
    memo,
    typedSearchAttributes,
    workflowExecutionTimeout: '1 second',
  });
  await house.jobWhen(workflowId, 'the job has ended', ({ done }) => done);
  const swept = async () => (await house.api.get(ClosedRunSweep).sweep()) > 0;
  await until(swept, { what: 'the sweep has found the end that nobody saw to' });
  const { job, ...ends } = await endsOf(house, workflowId);
  expect(ends).toEqual({ api: 'timed_out', temporal: 'TIMED_OUT', archive: 'timed_out', savedWords: 0 });
  expect(job).toMatchObject({ startedAt: null, result: null, stalled: null });
  await house.temporal.workflow.getHandle(id).terminate();
});

it('a job that others with its concurrency key have called is still one that no worker has begun', async () => {
  const submit = async (onConflict: string) => {
    const { url } = house.web;
    const input = { url: `${url}article`, sourceLang: 'es', targetLang: 'fr' };
    const body = { type: 'extractArticle', input, concurrencyKey: 'invoice-7', onConflict };
    return house.start<Job | Failure>(body);
  };
  const { body } = await submit('queue');
  const { id } = body as Job;
  const behind = await Promise.all(['queue', 'queue', 'queue'].map(submit));
  for (const { body: next } of behind) await post(`/v1/jobs/${(next as Job).id}/cancel`);
  const handle = house.temporal.workflow.getHandle(id);
  const { historyLength } = await handle.describe();
  for (const policy of ['reject', 'reject', 'returnExisting']) await submit(policy);
  // Who is refused is no news to the job that is first.
  expect((await handle.describe()).historyLength).toBe(historyLength);
  await handle.signal('turn');
  expect(await house.job(id)).toMatchObject({ status: 'queued', startedAt: null });
  const forced = await post(`/v1/jobs/${id}/cancel`, { mode: 'force' });
  expect(forced).toMatchObject({ status: 200, body: { status: 'cancelled', done: true } });
});

failOnLeftovers();
