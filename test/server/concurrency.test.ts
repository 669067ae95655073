import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Failure } from '../../job-types/failure.js';
import type { Job } from '../../job-types/job.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/slow', MAX_QUEUE_DEPTH: '5' });
  await house.startWorker();
}, 60_000);
afterAll(() => house.close());

const submit = <T = Job>(key: string, more: Record<string, unknown> = {}, model = 'openai/answer') =>
  house.request<T>('POST', '/v1/jobs', {
    type: 'extractArticle',
    input: { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr', wordCount: 3, model },
    concurrencyKey: key,
    ...more,
  });
const cancel = (id: string) => house.request<Job>('POST', `/v1/jobs/${id}/cancel`, {});
const ended = (id: string) => house.jobWhen(id, `${id} has ended`, ({ done }) => done, 40_000);
const running = async (key: string) => {
  const { body } = await submit(key, {}, 'openai/slow');
  return house.jobWhen(body.id, 'the holder runs', ({ status }) => status === 'running');
};

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
    const key = randomUUID();
    const holder = await running(key);
    const { body: next } = await submit(key);
    await house.jobWhen(next.id, 'the next is queued', ({ status }) => status === 'queued');
    const from = performance.now();
    await house.request('POST', `/v1/jobs/${holder.id}/cancel`, { mode: 'force' });
    expect((await ended(next.id)).status).toBe('succeeded');
    expect(performance.now() - from).toBeLessThan(15_000);
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
    expect((await ended(second.id)).status).toBe('cancelled');
    await cancel(holder.id);
    expect((await ended(third.id)).status).toBe('succeeded');
  });

  it('goes to the next within half a minute when nobody sees that the holder was killed', async () => {
    const key = randomUUID();
    const holder = await running(key);
    const { body: next } = await submit(key);
    await house.jobWhen(next.id, 'the next is queued', ({ status }) => status === 'queued');
    await house.temporal.workflow.getHandle(holder.id).terminate('killed by the test');
    expect((await ended(next.id)).status).toBe('succeeded');
  }, 60_000);
});

failOnLeftovers();
