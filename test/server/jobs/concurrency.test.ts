import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { JobEvent } from '../../../job-types/contract/event.js';
import type { Job } from '../../../job-types/contract/job.js';
import { ConcurrencyGate } from '../../../src/jobs/concurrency-gate.js';
import type { JobList } from '../../../src/jobs/job-list.js';
import { JobStarter } from '../../../src/jobs/job-starter.js';
import { agePlace } from '../../harness/age-place.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { leastMs } from '../../harness/prompt.js';
import { until } from '../../harness/until.js';

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream', MAX_QUEUE_DEPTH: '5' });
  await house.startWorker();
});
afterAll(() => house.close());

const pick = ({ tags, metadata }: { tags: string[]; metadata: Record<string, string> }) => ({
  tags,
  metadata,
});
const submit = <T = Job>(key: string, more: Record<string, unknown> = {}, model = 'openai/answer') =>
  house.start<T>({
    type: 'extractArticle',
    input: { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr', wordCount: 3, model },
    concurrencyKey: key,
    ...more,
  });
const cancel = (id: string) => house.ask<Job>('POST', `/v1/jobs/${id}/cancel`, {});
/** Some of them look for their turn after half a minute only. */
const ended = (id: string) => house.jobWhen(id, `${id} has ended`, ({ done }) => done, 120_000);
/** A job that holds the key until it is stopped. */
const running = async (key: string) => {
  const { body } = await submit(key, {}, 'openai/hang-mid-stream');
  return house.jobWhen(body.id, 'the holder runs', ({ status }) => status === 'running');
};
/** By itself a job in the queue looks again after half a minute. */
const atOnceMs = 15_000;
/** The run of a queued job, which has looked so often whether its turn has come. */
const looked = (id: string, times: number) =>
  until(
    async () => {
      const run = await house.temporal.workflow.getHandle(id).describe();
      return (run.raw.pendingActivities?.[0]?.attempt ?? 0) > times && run;
    },
    // Half a minute lies between two looks.
    { what: `${id} has looked ${times} times`, limitMs: 120_000 },
  );

describe('a concurrency key', () => {
  it('refuses a second job and links the running one', async () => {
    const key = randomUUID();
    const holder = await running(key);
    const { status, body } = await submit<Failure>(key, { onConflict: 'reject' });
    expect([status, body.code, body.job]).toEqual([409, 'concurrency-conflict', holder.id]);
    await cancel(holder.id);
    await ended(holder.id);
    const { status: again, body: next } = await submit(key, { onConflict: 'reject' });
    expect(again).toBe(202);
    await ended(next.id);
  });

  it('answers the running job when asked to', async () => {
    const key = randomUUID();
    const holder = await running(key);
    const { status, body } = await submit(key, { onConflict: 'returnExisting' });
    expect([status, body.id]).toEqual([202, holder.id]);
    await cancel(holder.id);
    await ended(holder.id);
  });

  it('queues, first in, first out, and says so', async () => {
    const key = randomUUID();
    const holder = await running(key);
    const queued = [];
    for (let i = 0; i < 3; i += 1) queued.push((await submit(key)).body.id);
    for (const id of queued) {
      await house.jobWhen(id, `${id} is queued`, ({ status, stalled }) => status === 'queued' && !stalled);
    }
    await cancel(holder.id);
    const ends = await Promise.all(queued.map(ended));
    expect(ends.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    const finished = ends.map(({ finishedAt }) => finishedAt ?? '');
    expect(finished).toEqual(finished.toSorted());
  });

  it('goes to the next at once when the holder is ended by force', async () => {
    const least = await leastMs(atOnceMs, async () => {
      const key = randomUUID();
      const holder = await running(key);
      const { body: next } = await submit(key);
      await house.jobWhen(next.id, 'the next is queued', ({ status }) => status === 'queued');
      const from = performance.now();
      await house.ask('POST', `/v1/jobs/${holder.id}/cancel`, { mode: 'force' });
      expect((await ended(next.id)).status).toBe('succeeded');
      return performance.now() - from;
    });
    expect(least).toBeLessThan(atOnceMs);
  });

  it('belongs to one type and owner, and another key does not wait', async () => {
    const holder = await running(randomUUID());
    expect((await ended((await submit(randomUUID())).body.id)).status).toBe('succeeded');
    await cancel(holder.id);
    await ended(holder.id);
  });

  it('has a queue that ends', async () => {
    const key = randomUUID();
    const holder = await running(key);
    const answers = [];
    for (let i = 0; i < 6; i += 1) answers.push(await submit(key));
    const full = answers.at(-1);
    expect(full).toMatchObject({ status: 429, body: { code: 'queue-full' } });
    await Promise.all(answers.slice(0, -1).map(({ body }) => cancel(body.id)));
    await cancel(holder.id);
    await Promise.all([holder.id, ...answers.slice(0, -1).map(({ body }) => body.id)].map(ended));
  });

  it('gives a cancelled place in the queue away', async () => {
    const key = randomUUID();
    const holder = await running(key);
    const { body: second } = await submit(key);
    const { body: third } = await submit(key);
    await house.jobWhen(third.id, 'the third is queued', ({ status }) => status === 'queued');
    await cancel(second.id);
    expect(await ended(second.id)).toMatchObject({ status: 'cancelled', startedAt: null });
    await cancel(holder.id);
    expect((await ended(third.id)).status).toBe('succeeded');
  });

  it('is never held by two when the process that had taken it freezes before the start', async () => {
    const key = randomUUID();
    const late = `job_${randomUUID()}`;
    const own = { jobId: late, owner: 'local', type: 'extractArticle', key };
    expect(await house.api.get(ConcurrencyGate).enter({ ...own, onConflict: 'reject' })).toBeNull();
    await agePlace(house.db, late);
    const holder = await running(key);

    const { url } = house.web;
    const input = { url: `${url}article`, sourceLang: 'es', targetLang: 'fr', wordCount: 3 };
    await house.api.get(JobStarter).start({
      id: late,
      type: own.type,
      args: { input, owner: own.owner, concurrencyKey: key },
      memo: { owner: own.owner, tags: [], metadata: {}, concurrencyKey: key },
    });
    await looked(late, 1);
    const { body: last } = await submit(key);
    expect((await house.job(late)).status).toBe('queued');
    expect((await house.job(late)).steps.map(({ status }) => status)).toEqual([
      'pending',
      'pending',
      'pending',
    ]);
    await cancel(holder.id);
    const [first, second, third] = await Promise.all([holder.id, late, last.id].map(ended));
    expect([first?.status, second?.status, third?.status]).toEqual(['cancelled', 'succeeded', 'succeeded']);
    const spans = [first, second, third].map((job) => [
      job?.steps[0]?.startedAt ?? '',
      job?.finishedAt ?? '',
    ]);
    expect(spans.flat()).toEqual(spans.flat().toSorted());
  });

  it('changes nothing that is shown of a job while it queues for it', async () => {
    const key = randomUUID();
    const holder = await running(key);
    const more = { tags: ['kept'], metadata: { note: 'kept' }, priority: 2, timeout: 600 };
    const { body: submitted } = await submit(key, more);
    const { id } = submitted;
    const before = await looked(id, 1);
    const queued = await house.job(id);
    expect(queued.startedAt).toBeNull();
    const after = await looked(id, 2);
    expect(after.historyLength).toBe(before.historyLength);
    expect(await house.job(id)).toEqual(queued);
    const listed = await house.ask<JobList>('GET', '/v1/jobs?status=active&pageSize=200');
    expect(listed.body.items.filter((item) => item.id === id)).toHaveLength(1);
    await cancel(holder.id);
    const end = await ended(id);
    expect(end.startedAt).toBe(end.steps[0]?.startedAt);
    expect(end).toMatchObject({ status: 'succeeded', createdAt: queued.createdAt, ...pick(more) });
    const { body: log } = await house.request<{ items: JobEvent[] }>('GET', `/v1/jobs/${id}/events`);
    expect(log.items.filter(({ type }) => type === 'job.running')).toHaveLength(1);
    expect((await house.temporal.workflow.getHandle(id).describe()).runId).toBe(before.runId);
  });

  it('is given on by a job that runs out of time in the queue', async () => {
    const key = randomUUID();
    const holder = await running(key);
    const { body: short } = await submit(key, { timeout: 1 });
    const { body: next } = await submit(key);
    expect(await ended(short.id)).toMatchObject({ status: 'timed_out', startedAt: null });
    await house.jobWhen(next.id, 'the next is queued', ({ status }) => status === 'queued');
    await cancel(holder.id);
    expect((await ended(next.id)).status).toBe('succeeded');
    const rows = await house.db.selectFrom('concurrency_queue').where('key', '=', key).selectAll().execute();
    expect(rows).toEqual([]);
  });

  it('goes to the next within half a minute when nobody sees that the holder was killed', async () => {
    const key = randomUUID();
    const holder = await running(key);
    const { body: next } = await submit(key);
    await looked(next.id, 1);
    await house.temporal.workflow.getHandle(holder.id).terminate('killed by the test');
    expect((await ended(next.id)).status).toBe('succeeded');
  });

  it('goes at once past those that were terminated in the queue', async () => {
    const least = await leastMs(atOnceMs, async () => {
      const key = randomUUID();
      const holder = await running(key);
      const { body: second } = await submit(key);
      const { body: third } = await submit(key);
      await looked(third.id, 1);
      await house.temporal.workflow.getHandle(second.id).terminate('killed by the test');
      const from = performance.now();
      await cancel(holder.id);
      expect((await ended(third.id)).status).toBe('succeeded');
      return performance.now() - from;
    });
    expect(least).toBeLessThan(atOnceMs);
  });

  it('is waited for by a job that was never started, also when that is terminated', async () => {
    const key = randomUUID();
    const holder = await running(key);
    const { body: next } = await submit(key);
    await looked(next.id, 1);
    await house.temporal.workflow.getHandle(next.id).terminate('killed by the test');
    expect(await ended(next.id)).toMatchObject({ status: 'terminated', startedAt: null });
    await cancel(holder.id);
    await ended(holder.id);
  });
});

failOnLeftovers();
