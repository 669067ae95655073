import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Client, createClient } from '../../client/client/index.js';
import { JobWatch } from '../../client/react/job-watch.js';
import type { Event, Job } from '../../client/types.gen.js';
import { failOnLeftovers } from '../harness/leftovers.js';

/** What the stand-in of the API answers. */
interface Answers {
  job: { status: number; body: object; retryAfter?: string };
  /** Null: the stream cannot be opened. */
  stream: { status: number; text: string } | null;
}

let answers: Answers;
/** When the job was read, in seconds since the beginning. */
let reads: number[];
let streams: number;
let began: number;
let client: Client;
const page = globalThis as { document?: { hidden: boolean } };

const job = (more: Partial<Job> = {}): object => ({ id: 'job_1', status: 'running', done: false, ...more });

async function answer(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const { url } = input as Request;
  if (new URL(url).pathname.endsWith('/events')) {
    streams += 1;
    if (answers.stream === null) throw new TypeError('fetch failed');
    const { status, text } = answers.stream;
    // It stays open, as a stream does.
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(text));
        init?.signal?.addEventListener('abort', () => controller.error(new Error('aborted')));
        if (status !== 200) controller.close();
      },
    });
    return new Response(body, { status });
  }
  reads.push(Math.round((Date.now() - began) / 100) / 10);
  const { status, body, retryAfter } = answers.job;
  const headers = {
    'content-type': 'application/json',
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  };
  return new Response(JSON.stringify(body), { status, headers });
}

const told = (event: Partial<Event>): string =>
  `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify({ step: 'answer', item: null, attempt: 1, data: {}, ...event })}\n\n`;

const pass = (seconds: number) => jest.advanceTimersByTimeAsync(seconds * 1_000);

beforeEach(() => {
  // What streams are made of goes on as ever.
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  began = Date.now();
  reads = [];
  streams = 0;
  answers = { job: { status: 200, body: job() }, stream: null };
  client = createClient({ baseUrl: 'http://api.example', fetch: answer });
});
afterEach(() => {
  delete page.document;
  jest.useRealTimers();
});

describe('a job whose events cannot be streamed', () => {
  it('is read at once, after 1 s, after 2 s and then every 5 s, by one poller for all who look', async () => {
    const watch = new JobWatch(client, 'job_1');
    const leave = [1, 2, 3].map(() => watch.subscribe(() => undefined));
    await pass(20);
    expect(reads).toEqual([0, 1, 3, 8, 13, 18]);
    expect(watch.get()).toMatchObject({ job: { id: 'job_1' }, connection: 'lost', error: null });
    for (const one of leave) one();
    await pass(60);
    expect(reads.length).toBe(6);
  });

  it('is read no sooner than the API asks for', async () => {
    answers.job.retryAfter = '12';
    const leave = new JobWatch(client, 'job_1').subscribe(() => undefined);
    await pass(30);
    expect(reads).toEqual([0, 12, 24]);
    leave();
  });

  it('is not read in a tab that nobody sees, and again when somebody does', async () => {
    page.document = { hidden: true };
    const leave = new JobWatch(client, 'job_1').subscribe(() => undefined);
    await pass(60);
    expect(reads).toEqual([0]);
    page.document = { hidden: false };
    await pass(6);
    expect(reads.length).toBe(2);
    leave();
  });

  it('is read until it is done', async () => {
    const watch = new JobWatch(client, 'job_1');
    const leave = watch.subscribe(() => undefined);
    await pass(1.5);
    answers.job.body = job({ status: 'succeeded', done: true });
    await pass(60);
    expect(reads).toEqual([0, 1, 3]);
    leave();
  });

  it('is asked for again while the API is busy, and not when it refuses', async () => {
    const watch = new JobWatch(client, 'job_1');
    const failure = (status: number, code: string) => ({ status, body: { status, code, detail: 'No.' } });
    answers.job = failure(503, 'storage-unavailable');
    const leave = watch.subscribe(() => undefined);
    await pass(4);
    expect(reads).toEqual([0, 1, 3]);
    expect(watch.get().error).toMatchObject({ code: 'storage-unavailable' });
    answers.job = failure(403, 'outside-token');
    await pass(60);
    expect(reads).toEqual([0, 1, 3, 8]);
    expect(watch.get().error).toMatchObject({ code: 'outside-token' });
    leave();
  });
});

describe('a job that is cancelled', () => {
  const refusal = { status: 409, code: 'already-done', detail: 'No.' };
  it.each([
    { status: 200, body: job({ status: 'cancelled', done: true }) },
    { status: 409, body: refusal },
  ])('shows nothing of an answer $status that comes when nobody looks any more', async (answered) => {
    const watch = new JobWatch(client, 'job_1');
    const leave = watch.subscribe(() => undefined);
    await pass(0.5);
    answers.job = answered;
    const cancelled = watch.cancel();
    leave();
    await cancelled;
    const asked = reads.length;
    await pass(60);
    expect(watch.get()).toMatchObject({ job: null, error: null });
    expect(reads.length).toBe(asked);
  });
});

describe('a job whose events are streamed', () => {
  it('is not polled, and its text is told as it stands', async () => {
    const said = (seq: number, text: string, attempt = 1) =>
      told({ seq, type: 'output.delta', attempt, data: { text } });
    const text = [
      'retry: 2000\n\n: alive\n\n',
      said(1, 'Wrong'),
      told({ seq: 2, type: 'output.reset' }),
      said(3, 'Good ', 2),
      said(4, 'day', 2),
      'event: error\ndata: {"code":"stopping"}\n\n',
    ].join('');
    answers.stream = { status: 200, text };
    const watch = new JobWatch(client, 'job_1');
    const leave = watch.subscribe(() => undefined);
    await pass(30);
    expect(watch.get()).toMatchObject({ connection: 'live', text: 'Good day' });
    expect([reads, streams]).toEqual([[0], 1]);
    const late: number[] = [];
    watch.hear((events) => late.push(...events.map(({ seq }) => seq)));
    expect(late).toEqual([1, 2, 3, 4]);
    leave();
  });

  it('is read again when more than talk is told, and once for what happens at once', async () => {
    const steps = [1, 2, 3].map((seq) => told({ seq, type: 'step.started' })).join('');
    answers.stream = { status: 200, text: steps };
    const leave = new JobWatch(client, 'job_1').subscribe(() => undefined);
    await pass(30);
    // At the beginning, for the events, and for a last time when nothing more has happened.
    expect(reads.length).toBe(3);
    leave();
  });

  it('whose log is refused is followed no more, and says why', async () => {
    answers.stream = { status: 401, text: '{}' };
    answers.job = { status: 401, body: { status: 401, code: 'unauthenticated', detail: 'No.' } };
    const watch = new JobWatch(client, 'job_1');
    const leave = watch.subscribe(() => undefined);
    await pass(60);
    expect(streams).toBe(1);
    expect(watch.get()).toMatchObject({ connection: 'over', error: { code: 'unauthenticated' } });
    answers = { job: { status: 200, body: job() }, stream: { status: 200, text: ': alive\n\n' } };
    watch.again();
    await pass(1);
    expect(watch.get()).toMatchObject({ connection: 'live', error: null, job: { id: 'job_1' } });
    leave();
  });
});

failOnLeftovers();
