import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { InjectOptions } from 'fastify';
import { z } from 'zod';
import { type ExtractArticleResult, extractArticle } from '../../../job-types/extract-article.js';
import { Job } from '../../../job-types/contract/job.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { problemIn } from '../../harness/problem.js';
import { leastMs, promptMs } from '../../harness/prompt.js';
import { whileBusy } from '../../harness/while-busy.js';

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream,openai/wrong-key' });
  await house.startWorker();
});
afterAll(() => house.close());

const StrictJob = Job.strict();
const ask = (request: InjectOptions) =>
  whileBusy(
    () => house.api.inject(request),
    ({ statusCode }) => statusCode,
  );
const get = (url: string) => ask({ method: 'GET', url });
const post = (url: string, payload: Record<string, unknown> = {}) => ask({ method: 'POST', url, payload });
const done = (id: string) => house.jobWhen(id, 'the job is done', (job) => job.done);

/** Checks that each of these times is there and none is before the one in front of it. */
function expectInOrder(...times: (string | null)[]): void {
  const known = times.flatMap((time) => time ?? []);
  expect(known).toHaveLength(times.length);
  expect(known).toEqual(known.toSorted((a, b) => Date.parse(a) - Date.parse(b)));
}

const submission = (changes: Record<string, unknown> = {}) => ({
  type: 'extractArticle',
  input: { url: `${house.web.url}article`, sourceLang: 'Spanish', targetLang: 'fr', wordCount: 5 },
  ...changes,
});

describe('GET /v1/job-types', () => {
  it('says what can be asked, with the limits of every field', async () => {
    const { body } = await house.ask<{ items: { name: string }[] }>('GET', '/v1/job-types');
    expect(body.items.map(({ name }) => name)).toContain('extractArticle');
    const one = await house.ask<Record<string, unknown>>('GET', '/v1/job-types/extractArticle');
    expect(body.items).toContainEqual(one.body);
    expect(one.body).toMatchObject({
      steps: [{ name: 'fetch' }, { name: 'extract' }, { name: 'save' }],
      example: extractArticle.example,
    });
    const input = JSON.stringify(one.body['input']);
    for (const limit of ['"minimum":1', '"maximum":1000', '"default":30', '"maxLength":2048']) {
      expect(input).toContain(limit);
    }
  });

  it('describes input and result in JSON Schema that their own example and results satisfy', async () => {
    const { body } = await house.ask<{ input: object; result: object; example: unknown }>(
      'GET',
      '/v1/job-types/extractArticle',
    );
    const schemaOf = (schema: object) => z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    expect(schemaOf(body.input).safeParse(body.example).error).toBeUndefined();
    const { id } = await house.submit();
    const { result } = await done(id);
    expect(schemaOf(body.result).safeParse(result).error).toBeUndefined();
  });

  it('does not know other types', async () => {
    for (const type of ['nope', '__proto__', 'toString']) {
      expect(problemIn(await get(`/v1/job-types/${type}`)).status).toBe(404);
    }
  });
});

describe('POST /v1/jobs', () => {
  it('answers 202 with the job, where it is and when to look again', async () => {
    const before = Date.now();
    const answer = await post('/v1/jobs', submission({ tags: ['a', 'ñ'], metadata: { for: 'class 3' } }));
    const job = StrictJob.parse(answer.json());
    expect(answer.statusCode).toBe(202);
    expect(answer.headers.location).toBe(`/v1/jobs/${job.id}`);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(job).toMatchObject({
      type: 'extractArticle',
      done: false,
      partial: false,
      finishedAt: null,
      progress: { stepCount: 3 },
      result: null,
      failure: null,
      cancel: null,
      tags: ['a', 'ñ'],
      metadata: { for: 'class 3' },
      links: { self: `/v1/jobs/${job.id}`, cancel: `/v1/jobs/${job.id}/cancel` },
    });
    expect(['queued', 'running']).toContain(job.status);
    expect(job.steps.map(({ name }) => name)).toEqual(['fetch', 'extract', 'save']);
    expect(Math.abs(Date.parse(job.createdAt) - before)).toBeLessThan(60_000);
    expect(job.links.temporalUi).toMatch(
      `${house.env['TEMPORAL_UI_URL']}/namespaces/default/workflows/${job.id}/`,
    );
    const ended = await done(job.id);
    expect(ended).toMatchObject({
      id: job.id,
      status: 'succeeded',
      tags: ['a', 'ñ'],
      metadata: { for: 'class 3' },
    });
  });

  it('starts a job each time it is asked', async () => {
    const [one, two] = await Promise.all([house.submit(), house.submit()]);
    expect(one.id).not.toBe(two.id);
    await Promise.all([done(one.id), done(two.id)]);
  });

  it('carries odd characters through to the end of the job', async () => {
    const metadata = { nul: 'a\u0000b', half: '\ud800', emoji: '🦜', ['\u0000']: 'key' };
    const answer = await post('/v1/jobs', submission({ tags: ["ü %_'s 🦜"], metadata }));
    expect(answer.statusCode).toBe(202);
    const job = await done(answer.json<Job>().id);
    expect(job).toMatchObject({ status: 'succeeded', failure: null, metadata });
  });
});

describe('GET /v1/jobs/{id}', () => {
  it('shows a finished job whole', async () => {
    const { id } = await house.submit();
    const job = StrictJob.parse(await done(id));
    expect(job).toMatchObject({
      status: 'succeeded',
      stalled: null,
      progress: { percent: 100, stepCount: 3 },
      failure: null,
      links: { self: `/v1/jobs/${id}`, result: `/v1/jobs/${id}/result`, cancel: null },
    });
    expectInOrder(job.createdAt, job.startedAt, job.finishedAt);
    for (const step of job.steps) {
      expect(step).toMatchObject({ status: 'succeeded', attempt: 1, lastFailure: null, nextRetryAt: null });
      expectInOrder(job.startedAt, step.startedAt, step.finishedAt, job.finishedAt);
    }
    expect(job.usage?.outputTokens).toBeGreaterThan(0);
    const answer = await get(`/v1/jobs/${id}`);
    expect(answer.headers['retry-after']).toBeUndefined();
    expect(answer.json()).toEqual(job);
  });

  it('lets nobody wait for a finished job to change', async () => {
    const { id } = await house.submit();
    await done(id);
    const { etag } = (await get(`/v1/jobs/${id}`)).headers;
    const headers = { 'if-none-match': String(etag), prefer: 'wait=30' };
    const least = await leastMs(promptMs, async () => {
      const at = performance.now();
      expect((await ask({ url: `/v1/jobs/${id}`, headers })).statusCode).toBe(304);
      return performance.now() - at;
    });
    expect(least).toBeLessThan(promptMs);
  });

  it('shows a failed job as a successful read that says what to do', async () => {
    const { id } = await house.submit({ model: 'openai/wrong-key' });
    await done(id);
    const answer = await get(`/v1/jobs/${id}`);
    const job = StrictJob.parse(answer.json());
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(job).toMatchObject({
      status: 'failed',
      done: true,
      result: null,
      failure: { code: 'provider-key-refused', step: 'extract', attempt: 1, retryable: false },
      links: { cancel: null },
    });
    expect(job.failure?.type).toBe('/problems/provider-key-refused');
    expect(job.failure?.detail).toContain('The operator has to correct the key');
    expect(job.failure?.provider).toContain('openai');
    expect(answer.body).not.toContain('sk-test');
    expect(job.steps.map(({ status }) => status)).toEqual(['succeeded', 'failed', 'pending']);
    expect(job.steps[1]?.lastFailure).toMatchObject({ code: 'provider-key-refused' });
    expect((await get(`/problems/${job.failure?.code}`)).statusCode).toBe(200);
  });
});

describe('GET /v1/jobs/{id}/result', () => {
  it('gives the result alone', async () => {
    const { id } = await house.submit();
    const job = await done(id);
    const answer = await get(`/v1/jobs/${id}/result`);
    expect(answer.statusCode).toBe(200);
    expect(answer.json<ExtractArticleResult>()).toEqual(job.result);
  });

  it('is 409 while the job runs, with when to look again, and after it ended without one', async () => {
    const { id } = await house.submit({ model: 'openai/hang-mid-stream' });
    const answer = await get(`/v1/jobs/${id}/result`);
    expect(problemIn(answer)).toMatchObject({ status: 409, code: 'not-finished', retryable: true });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    await post(`/v1/jobs/${id}/cancel`);
    await done(id);
    const problem = problemIn(await get(`/v1/jobs/${id}/result`));
    expect(problem).toMatchObject({ status: 409, retryable: false });
    expect(problem.code).not.toBe('not-finished');
  });
});

describe('POST /v1/jobs/{id}/cancel', () => {
  it('asks the job to stop, with a reason, and is harmless when repeated', async () => {
    const { id } = await house.submit({ model: 'openai/hang-mid-stream' });
    await house.jobWhen(id, 'the model is asked', ({ steps }) => steps[1]?.status === 'running');
    const first = await post(`/v1/jobs/${id}/cancel`, { reason: 'wrong article', mode: 'graceful' });
    // A stop takes a few ms, and may be over before the answer is written.
    expect([200, 202]).toContain(first.statusCode);
    expect(first.headers.location).toBe(`/v1/jobs/${id}`);
    const asked = StrictJob.parse(first.json());
    expect(['cancelling', 'cancelled']).toContain(asked.status);
    expect(asked.cancel).toMatchObject({ reason: 'wrong article', escalated: false });
    expect(asked.cancel?.requestedAt).not.toBeNull();
    const second = await post(`/v1/jobs/${id}/cancel`, { reason: 'again' });
    expect([200, 202]).toContain(second.statusCode);
    const job = await done(id);
    expect(job).toMatchObject({ status: 'cancelled', result: null, links: { cancel: null } });
    expect(job.cancel).toMatchObject({ reason: 'wrong article', requestedAt: asked.cancel?.requestedAt });
    const late = await post(`/v1/jobs/${id}/cancel`, { reason: 'too late' });
    expect(late.statusCode).toBe(200);
    expect(StrictJob.parse(late.json())).toMatchObject({
      status: 'cancelled',
      cancel: { reason: 'wrong article' },
    });
  });

  it('leaves a finished job as it ended', async () => {
    const { id } = await house.submit();
    const ended = await done(id);
    const answer = await post(`/v1/jobs/${id}/cancel`, { reason: 'too late' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual(ended);
    expect(await house.job(id)).toEqual(ended);
  });

  it('needs no body', async () => {
    const { id } = await house.submit({ model: 'openai/hang-mid-stream' });
    const answer = await ask({ method: 'POST', url: `/v1/jobs/${id}/cancel` });
    expect([200, 202]).toContain(answer.statusCode);
    expect(await done(id)).toMatchObject({ status: 'cancelled', cancel: { reason: null } });
  });

  it('refuses what it does not understand, and does not cancel', async () => {
    const { id } = await house.submit();
    const bodies: [Record<string, unknown>, string][] = [
      [{ mode: 'gently' }, '/mode'],
      [{ reason: 5 }, '/reason'],
      [{ reason: 'x'.repeat(501) }, '/reason'],
      [{ why: 'because' }, '/why'],
    ];
    for (const [body, pointer] of bodies) {
      const problem = problemIn(await post(`/v1/jobs/${id}/cancel`, body));
      expect(problem).toMatchObject({ status: 422, errors: [{ pointer }] });
    }
    expect(await done(id)).toMatchObject({ status: 'succeeded', cancel: null });
  });
});

describe('an address that is not public', () => {
  // Port 9 answers nobody: should the check fail, nothing is reached.
  it('is accepted at submit and refused by the fetch step', async () => {
    const addresses = [
      'http://127.0.0.1:9/',
      'http://10.0.0.1:9/',
      'http://169.254.169.254:9/latest/meta-data',
      'http://[::1]:9/',
      'http://[fe80::1]:9/',
      'http://[::ffff:127.0.0.1]:9/',
      'http://[64:ff9b::7f00:1]:9/',
      'http://2130706433:9/',
      'http://0177.0.0.1:9/',
      'http://①②⑦.⓪.⓪.①:9/',
      'http://100.64.0.1:9/',
    ];
    const outcomes = await Promise.all(
      addresses.map(async (url) => {
        const { id } = await house.submit({ url });
        const { status, failure, steps } = await done(id);
        return [url, status, failure?.code, failure?.step, failure?.retryable, steps[0]?.attempt];
      }),
    );
    expect(outcomes).toEqual(addresses.map((url) => [url, 'failed', 'address-refused', 'fetch', false, 1]));
  });
});

describe('what is not a job of the caller is unknown', () => {
  const routes = ['', '/result', '/cancel'] as const;
  const read = (id: string, route: (typeof routes)[number]) =>
    route === '/cancel' ? post(`/v1/jobs/${id}${route}`) : get(`/v1/jobs/${id}${route}`);

  it.each(['job_00000000-0000-0000-0000-000000000000', 'nope', 'a b', '%', 'job_%2F..%2F..', '"; DROP', 'ñ'])(
    'the id %j',
    async (id) => {
      for (const route of routes) {
        expect(problemIn(await read(encodeURIComponent(id), route))).toMatchObject({
          status: 404,
          code: 'job-not-found',
        });
      }
    },
  );

  it.each([
    ['a workflow that is no job', 'sendInvoices', undefined],
    ['a workflow of a job type that the API did not start', 'extractArticle', undefined],
    ['the job of another owner', 'extractArticle', { owner: 'someone-else', metadata: {} }],
  ])('%s', async (_, type, memo) => {
    const workflowId = `other-${crypto.randomUUID()}`;
    const handle = await house.temporal.workflow.start(type, {
      workflowId,
      taskQueue: `nobody-${workflowId}`,
      args: [],
      ...(memo ? { memo } : {}),
    });
    try {
      for (const route of routes) {
        const problem = problemIn(await read(workflowId, route));
        expect(problem).toMatchObject({ status: 404, code: 'job-not-found' });
        expect(problem.detail).toContain(workflowId);
      }
      const { raw, status } = await handle.describe();
      expect(status.name).toBe('RUNNING');
      expect(raw.workflowExtendedInfo?.cancelRequested ?? false).toBe(false);
    } finally {
      await handle.terminate();
    }
    expect(problemIn(await read(workflowId, '')).status).toBe(404);
  });
});

failOnLeftovers();
