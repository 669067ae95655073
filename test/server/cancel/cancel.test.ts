import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import type { Job } from '../../../job-types/contract/job.js';
import { endsOf, stepOf, unanimous } from '../../harness/ends.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { leastMs, promptMs } from '../../harness/prompt.js';
import { saveStarted } from '../../harness/save-started.js';
import { lockTable } from '../../harness/table-lock.js';
import { until } from '../../harness/until.js';

/** A cancel rides on the answer to a heartbeat, of which there is one a second. */

let house: House;

beforeAll(async () => {
  const models = ['hang-before-headers', 'hang-mid-stream', 'rate-limited', 'wrong-key'];
  house = await openHouse({ MODELS: models.map((name) => `openai/${name}`).join(',') });
});
afterAll(() => house.close());

const cancel = (id: string, reason?: string) =>
  house.ask<Job>('POST', `/v1/jobs/${id}/cancel`, reason === undefined ? {} : { reason });

const stepStatuses = (job: Job) => job.steps.map(({ status }) => status);

/** Submits a job with a wish of its own, and finds the calls made for it. */
async function submitWishing(wish: string, input: Record<string, unknown> = {}) {
  const { id } = await house.submit({ prompt: wish, ...input });
  const calls = () => house.models.calls.filter(({ body }) => JSON.stringify(body).includes(wish));
  const asked = () => until(() => calls()[0], { what: 'the model is asked' });
  return { id, calls, asked };
}

describe('a cancel while no worker is there', () => {
  afterAll(() => house.startWorker());

  it('ends the job without a step, and a worker that comes finds nothing to do', async () => {
    house.web.on('/never', (_, response) => response.end());
    const { id } = await house.submit({ url: `${house.web.url}never` });
    expect(await house.job(id)).toMatchObject({ status: 'queued' });
    const { status, body } = await cancel(id, 'wrong article');
    expect([200, 202]).toContain(status);
    expect(['cancelled', 'cancelling']).toContain(body.status);

    const late = await house.startWorker();
    const { job, ...ends } = await endsOf(house, id);
    await late.stop();
    expect(ends).toMatchObject({ api: 'cancelled', archive: 'cancelled', savedWords: 0 });
    expect(['CANCELLED', 'TERMINATED']).toContain(ends.temporal);
    expect(job).toMatchObject({
      failure: null,
      result: null,
      cancel: { reason: 'wrong article', requestedAt: expect.any(String) },
    });
    expect(house.web.requests.get('/never')).toBeUndefined();
  });
});

describe('a cancel while the page is fetched', () => {
  it('hangs up on the web server and ends the job', async () => {
    const least = await leastMs(promptMs, async () => {
      const asked = Promise.withResolvers<{ hungUp: Promise<unknown> }>();
      house.web.on('/hangs', (_, response) => asked.resolve({ hungUp: once(response, 'close') }));
      const { id } = await house.submit({ url: `${house.web.url}hangs` });
      const { hungUp } = await asked.promise;
      const at = performance.now();
      expect([200, 202]).toContain((await cancel(id)).status);
      await hungUp;
      const hungUpMs = performance.now() - at;
      const { job, ...ends } = await endsOf(house, id);
      expect(ends).toEqual(unanimous.cancelled);
      expect(stepStatuses(job)).toEqual(['cancelled', 'pending', 'pending']);
      expect(job).toMatchObject({ failure: null, partial: false, output: null });
      return hungUpMs;
    });
    expect(least).toBeLessThan(promptMs);
  });
});

describe('a cancel while the model answers', () => {
  it('closes the socket to the provider and keeps what was said and what it cost', async () => {
    let round = 0;
    const least = await leastMs(promptMs, async () => {
      const { id, asked, calls } = await submitWishing(`boats ${(round += 1)}`, {
        model: 'openai/hang-mid-stream',
      });
      const call = await asked();
      await until(() => call.bytesSent > 200, { what: 'the model has begun' });
      const at = Date.now();
      expect([200, 202]).toContain((await cancel(id, 'enough')).status);
      const closedAt = await until(() => call.closedAt, { what: 'the socket closes' });
      expect(call.abandoned).toBe(true);

      const { job, ...ends } = await endsOf(house, id);
      expect(ends).toEqual(unanimous.cancelled);
      expect(stepStatuses(job)).toEqual(['succeeded', 'cancelled', 'pending']);
      expect(job).toMatchObject({ failure: null, result: null, partial: true, cancel: { reason: 'enough' } });
      expect(job.output).toMatchObject({ step: 'extract', attempt: 1 });
      expect(job.output?.text).toMatch(/^\{"words":\[/);
      expect(job.usage).toMatchObject({ estimated: true });
      expect(job.usage?.inputTokens).toBeGreaterThan(100);
      expect(job.usage?.outputTokens).toBeGreaterThan(10);
      expect(calls()).toHaveLength(1);
      return closedAt - at;
    });
    expect(least).toBeLessThan(promptMs);
  });

  it('closes the socket of a model that has not said anything yet', async () => {
    const { id, asked } = await submitWishing('light', { model: 'openai/hang-before-headers' });
    const call = await asked();
    await cancel(id);
    await until(() => call.closedAt, { what: 'the socket closes' });
    expect(call.abandoned).toBe(true);
    const { job, ...ends } = await endsOf(house, id);
    expect(ends).toEqual(unanimous.cancelled);
    expect(job).toMatchObject({ output: null, partial: false, usage: { estimated: true, outputTokens: 0 } });
  });

  it('counts once when it is asked for twice, with the first reason', async () => {
    const { id, asked } = await submitWishing('stairs', { model: 'openai/hang-mid-stream' });
    await asked();
    const answers = await Promise.all([cancel(id, 'first'), cancel(id)]);
    expect(answers.map(({ status }) => [200, 202].includes(status))).toEqual([true, true]);
    const third = await cancel(id, 'second thoughts');
    expect([200, 202]).toContain(third.status);
    const { job, ...ends } = await endsOf(house, id);
    expect(ends).toEqual(unanimous.cancelled);
    expect(job.cancel?.reason).not.toBe('second thoughts');
  });
});

describe('a cancel during a back-off', () => {
  it('ends the job without another call', async () => {
    let round = 0;
    const least = await leastMs(promptMs, async () => {
      house.models.next('rate-limited', { retryAfter: '120' });
      const { id, calls } = await submitWishing(`museums ${(round += 1)}`);
      await house.jobWhen(id, 'the model step waits', (job) => !!stepOf(job, 'extract').nextRetryAt);
      const at = performance.now();
      await cancel(id);
      const { job, ...ends } = await endsOf(house, id);
      const endedMs = performance.now() - at;
      expect(ends).toEqual(unanimous.cancelled);
      expect(stepStatuses(job)).toEqual(['succeeded', 'cancelled', 'pending']);
      expect(stepOf(job, 'extract').nextRetryAt).toBeNull();
      expect(calls()).toHaveLength(1);
      return endedMs;
    });
    expect(least).toBeLessThan(promptMs);
  });
});

describe('a cancel while the words are saved', () => {
  it('leaves job and rows in agreement', async () => {
    const lock = await lockTable(house.env['DATABASE_URL'] ?? '', 'words');
    const { id } = await house.submit();
    try {
      await saveStarted(house, id);
      await lock.holdsSomebody();
      expect((await cancel(id)).body.status).toBe('cancelling');
    } finally {
      await lock.release();
    }
    const { job, ...ends } = await endsOf(house, id);
    expect(ends).toEqual(unanimous.succeeded(5));
    expect(job).toMatchObject({ result: { newWords: 5 }, cancel: { reason: null } });
  });
});

describe('a cancel after the end', () => {
  it.each([
    ['succeeded', 'openai/answer'],
    ['failed', 'openai/wrong-key'],
  ])('changes nothing about a job that %s', async (status, model) => {
    const { id } = await house.submit({ model });
    const { job: before } = await endsOf(house, id);
    expect(before.status).toBe(status);
    const { status: code, body } = await cancel(id, 'too late');
    expect(code).toBe(200);
    expect(body).toEqual(before);
    const { job: after } = await endsOf(house, id);
    expect(after).toEqual(before);
  });

  it('changes nothing about a job that was cancelled', async () => {
    const { id, asked } = await submitWishing('ports', { model: 'openai/hang-before-headers' });
    await asked();
    await cancel(id, 'the first one');
    const { job: before } = await endsOf(house, id);
    const { status, body } = await cancel(id, 'once more');
    expect(status).toBe(200);
    expect(body).toEqual(before);
    expect(body.cancel?.reason).toBe('the first one');
  });

  it('answers 404 for a job that never was', async () => {
    const { status, body } = await cancel('job_00000000-0000-4000-8000-000000000000');
    expect({ status, body }).toMatchObject({ status: 404, body: { code: 'job-not-found' } });
  });
});

failOnLeftovers();
