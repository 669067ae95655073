import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { Job } from '../../../job-types/contract/job.js';
import type { JobList } from '../../../src/jobs/job-list.js';
import { endsOf } from '../../harness/ends.js';
import { type House, openHouse } from '../../harness/house.js';
import { type TestKey, makeKey } from '../../harness/keys.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { leastMs, promptMs } from '../../harness/prompt.js';
import { closeTable } from '../../harness/table-lock.js';
import { until } from '../../harness/until.js';
import { whileTemporalBusy } from '../../harness/while-busy.js';

let house: House;
/** A job that has succeeded. */
let done: Job;
/** Other tests have jobs of the same owner. */
const tag = `tag-${randomUUID()}`;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/wrong-key,openai/hang-mid-stream' });
  await house.startWorker();
  const input = { ...article(), wordCount: 5 };
  const options = { tags: [tag, 'another'], metadata: { note: 'ours' }, priority: 2, timeout: 600 };
  const { body } = await house.start({ type: 'extractArticle', input, ...options });
  ({ job: done } = await endsOf(house, body.id));
});
afterAll(() => house.close());

const rerunKeyless = <T = Job>(id: string, headers: Record<string, string> = {}) =>
  house.ask<T>('POST', `/v1/jobs/${id}/rerun`, undefined, headers);
/** With a key, so that what a busy server began and was late to say is not begun again. */
const rerun = <T = Job>(id: string, headers: Record<string, string> = {}) =>
  rerunKeyless<T>(id, { 'idempotency-key': randomUUID(), ...headers });
const article = () => ({ url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' });
const modelCalls = () => house.models.calls.length;

describe('a rerun', () => {
  it('of a job that succeeded is a new job that does all of it again, and leaves the old one alone', async () => {
    const before = modelCalls();
    const { status, headers, body } = await rerun(done.id);
    // Told once more, it may be further by then.
    const begun = [202, 'queued'];
    expect(headers['idempotency-replayed'] === 'true' ? begun : [status, body.status]).toEqual(begun);
    expect(headers['location']).toBe(`/v1/jobs/${body.id}`);
    expect(body).toMatchObject({ rerunOf: done.id, retryOf: null });
    const { job } = await endsOf(house, body.id);
    expect(job).toMatchObject({
      status: 'succeeded',
      rerunOf: done.id,
      retryOf: null,
      tags: [tag, 'another'],
      metadata: { note: 'ours' },
    });
    expect(job.steps.map(({ status: of, reused }) => [of, reused])).toEqual([
      ['succeeded', false],
      ['succeeded', false],
      ['succeeded', false],
    ]);
    expect(modelCalls()).toBe(before + 1);
    expect(await house.job(done.id)).toEqual(done);
    const [old, fresh] = await Promise.all(
      [done.id, job.id].map((id) => house.temporal.workflow.getHandle(id).fetchHistory()),
    );
    const startOf = (history: typeof old) => history?.events?.[0]?.workflowExecutionStartedEventAttributes;
    expect(startOf(fresh)?.priority?.priorityKey).toBe(2);
    expect(startOf(fresh)?.input).toEqual(startOf(old)?.input);
  });

  it('is another job at each call, unless the call repeats its Idempotency-Key', async () => {
    const [one, two] = [await rerunKeyless(done.id), await rerunKeyless(done.id)];
    expect(one.body.id).not.toBe(two.body.id);
    const headers = { 'idempotency-key': randomUUID() };
    const calls = await Promise.all([
      rerun(done.id, headers),
      rerun(done.id, headers),
      rerun(done.id, headers),
    ]);
    expect(new Set(calls.map(({ body }) => body.id)).size).toBe(1);
    const replays = calls.filter((call) => call.headers['idempotency-replayed'] === 'true').length;
    // A busy server may have been late to say that it started the job; the call was then repeated, and is a replay too.
    expect(replays).toBeGreaterThanOrEqual(2);
    const other = await rerun<Failure>(one.body.id, headers);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused']);
  });

  it('of a job that failed does again what a retry would reuse, and can itself be retried', async () => {
    const failed = await house.submit({ model: 'openai/wrong-key' });
    await endsOf(house, failed.id);
    const { body } = await rerun(failed.id);
    const again = await endsOf(house, body.id);
    expect(again.job).toMatchObject({ status: 'failed', rerunOf: failed.id });
    expect(again.job.steps[0]).toMatchObject({ name: 'fetch', status: 'succeeded', reused: false });
    const retry = await house.ask<Job>('POST', `/v1/jobs/${body.id}/retry`);
    expect(retry.body).toMatchObject({ id: `${body.id}.r1`, retryOf: body.id, rerunOf: null });
    const { job } = await endsOf(house, retry.body.id);
    expect(job.steps[0]).toMatchObject({ name: 'fetch', reused: true });
    const rerunOfRetry = await rerun(retry.body.id);
    expect(rerunOfRetry.body).toMatchObject({ rerunOf: retry.body.id, retryOf: null });
    await endsOf(house, rerunOfRetry.body.id);
  });

  it('waits for the end of the job, and for the concurrency key', async () => {
    const request = {
      type: 'extractArticle',
      input: { ...article(), model: 'openai/hang-mid-stream' },
      concurrencyKey: 'one at a time',
    };
    const first = await house.start(request);
    const early = await rerun<Failure>(first.body.id);
    expect([early.status, early.body.code]).toEqual([409, 'not-finished']);
    await house.ask('POST', `/v1/jobs/${first.body.id}/cancel`, {});
    await endsOf(house, first.body.id);
    const holder = await house.start(request);
    await house.jobWhen(holder.body.id, 'the next one runs', ({ status }) => status === 'running');
    const queued = await rerun(first.body.id);
    expect(queued.body).toMatchObject({ concurrencyKey: 'one at a time', rerunOf: first.body.id });
    await house.jobWhen(queued.body.id, 'the rerun queues', ({ status, progress }) => {
      return status === 'queued' && /concurrency key/.test(progress.message);
    });
    for (const { body } of [queued, holder]) {
      await house.ask('POST', `/v1/jobs/${body.id}/cancel`, {});
      await endsOf(house, body.id);
    }
  });

  it('of a job that is not there is 404, and of one whose input is gone 410', async () => {
    const none = await rerun<Failure>('job_nope');
    expect([none.status, none.body.code]).toEqual([404, 'job-not-found']);
    // What Temporal has forgotten, the archive alone knows.
    await sql`
      insert into outcomes (job_id, run_id, type, owner, status, job, finished_at)
      select 'job_forgotten', run_id, type, owner, status, job, finished_at from outcomes
      where job_id = ${done.id}`.execute(house.db);
    const gone = await rerun<Failure>('job_forgotten');
    expect([gone.status, gone.body.code]).toEqual([410, 'input-gone']);
  });

  it('is what a retry of a job that succeeded points to', async () => {
    const { status, body } = await house.ask<Failure>('POST', `/v1/jobs/${done.id}/retry`);
    expect([status, body.code]).toEqual([409, 'already-succeeded']);
    expect(body.detail).toContain('/rerun');
  });
});

describe('an entry of the list', () => {
  const list = () => house.request<JobList>('GET', `/v1/jobs?tag=${tag}`);
  const entry = async (id: string) =>
    (await whileTemporalBusy(list)).body.items.find((item) => item.id === id);
  const entryWhen = (id: string, what: string, check: (item: JobList['items'][number]) => boolean) =>
    until(
      async () => {
        const item = await entry(id);
        return item !== undefined && check(item) && item;
      },
      { what },
    );

  it('tells what the job is about and how far it has come', async () => {
    const item = await entryWhen(done.id, 'the list has the job', ({ done: ended }) => ended);
    expect(item).toMatchObject({
      status: 'succeeded',
      subject: `${house.web.url}article`,
      tags: [tag, 'another'],
      step: 'save',
      progress: { percent: 100, message: 'Finished; the result is there.' },
    });
    const input = { ...article(), model: 'openai/hang-mid-stream' };
    const { body: running } = await house.start({
      type: 'extractArticle',
      input,
      tags: [tag],
    });
    const at = await entryWhen(running.id, 'the job is in its second step', ({ step }) => step === 'extract');
    expect(at).toMatchObject({ status: 'running', done: false, tags: [tag] });
    expect(at.progress?.percent).toBeGreaterThanOrEqual(33);
    expect(at.progress?.percent).toBeLessThan(100);
    expect(at.progress?.message).not.toBe('');
    await house.ask('POST', `/v1/jobs/${running.id}/cancel`, {});
    await endsOf(house, running.id);
    const ended = await entryWhen(running.id, 'the list has its end', ({ done: isDone }) => isDone);
    expect(ended).toMatchObject({ status: 'cancelled', step: 'extract' });
  });

  it('goes without that while the database does not answer, and stays in the list', async () => {
    await entryWhen(done.id, 'the list has the job', ({ done: ended }) => ended);
    const lock = await closeTable(house.env['DATABASE_URL'] ?? '', 'event_logs');
    let item: Awaited<ReturnType<typeof entry>>;
    const measure = async () => {
      const from = performance.now();
      item = await entry(done.id);
      return performance.now() - from;
    };
    try {
      expect(await leastMs(promptMs, measure)).toBeLessThan(promptMs);
    } finally {
      await lock.release();
    }
    expect(item).toMatchObject({
      status: 'succeeded',
      tags: [tag, 'another'],
      subject: null,
      step: null,
      progress: null,
      usage: null,
    });
    await entryWhen(done.id, 'the details are back', ({ subject }) => subject !== null);
  });
});

describe('who asked', () => {
  let [one, two]: TestKey[] = [];
  const headersOf = (key: TestKey | undefined) => key?.headers ?? {};
  const get = async (id: string) =>
    (await house.ask<Job>('GET', `/v1/jobs/${id}`, undefined, headersOf(one))).body;

  beforeAll(async () => {
    [one, two] = await Promise.all([makeKey(house.db, 'local'), makeKey(house.db, 'local')]);
    const isAsked = async () => (await house.request('GET', '/v1/jobs')).status === 401;
    await until(isAsked, { what: 'the API asks for a key' });
  });

  it('is kept with a job, its cancel, its retry and its rerun by the public id of the key', async () => {
    const input = { ...article(), model: 'openai/hang-mid-stream' };
    const body = { type: 'extractArticle', input };
    const submitted = await house.start(body, headersOf(one));
    const { id } = submitted.body;
    expect(submitted.body).toMatchObject({ submittedBy: one?.id, cancel: null });
    await house.ask('POST', `/v1/jobs/${id}/cancel`, {}, headersOf(two));
    await until(async () => (await get(id)).done, { what: 'the job is done' });
    expect(await get(id)).toMatchObject({ submittedBy: one?.id, cancel: { requestedBy: two?.id } });
    const again = await Promise.all(
      ['retry', 'rerun'].map((how) =>
        house.ask<Job>('POST', `/v1/jobs/${id}/${how}`, undefined, headersOf(two)),
      ),
    );
    for (const { body: job } of again) {
      expect(job.submittedBy).toBe(two?.id);
      await house.ask('POST', `/v1/jobs/${job.id}/cancel`, {}, headersOf(one));
      await until(async () => (await get(job.id)).done, { what: 'the job is done' });
      expect(await get(job.id)).toMatchObject({ submittedBy: two?.id, cancel: { requestedBy: one?.id } });
    }
    expect(JSON.stringify(await get(id))).not.toContain(one?.key);
  });

  it('is nobody for a job that was submitted without a key', async () => {
    expect(await get(done.id)).toMatchObject({ submittedBy: null, rerunOf: null, cancel: null });
  });
});

failOnLeftovers();
