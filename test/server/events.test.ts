import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { sql } from 'kysely';
import type { JobEvent } from '../../job-types/event.js';
import type { EventPage } from '../../src/events/event-pages.js';
import { EventFeeds } from '../../src/events/event-feeds.js';
import { Notices } from '../../src/events/notices.js';
import { Store } from '../../src/store.js';
import { jobOwnerKey, jobTypeKey } from '../../src/temporal/search-attributes.js';
import { type Events, type NewEvent, createEvents } from '../../store/events.js';
import { type ApiProcess, startApiProcess } from '../harness/api-process.js';
import { type EventStream, type StreamOptions, openStream } from '../harness/event-stream.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { problemIn } from '../harness/problem.js';
import { until } from '../harness/until.js';
import { startTcpProxy } from '../stand-ins/tcp-proxy.js';

jest.setTimeout(30_000);

let house: House;
let log: Events;
const streams: EventStream[] = [];
const apis: ApiProcess[] = [];

beforeAll(async () => {
  house = await openHouse({ MAX_STREAMS: '1000', RATE_LIMIT_STREAM: '0' });
  log = createEvents(house.db);
}, 60_000);
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.cut();
  await Promise.all(apis.splice(0).map((api) => api.kill()));
});
afterAll(() => house.close());

/** A job that no worker takes, so that its log holds what the test writes. */
async function newJob(workflowExecutionTimeout?: '1 second'): Promise<string> {
  const workflowId = `job_${randomUUID()}`;
  await house.temporal.workflow.start('extractArticle', {
    taskQueue: 'nobody',
    workflowId,
    args: [{}],
    memo: { owner: 'local', tags: [], metadata: {} },
    typedSearchAttributes: [
      { key: jobTypeKey, value: 'extractArticle' },
      { key: jobOwnerKey, value: 'local' },
    ],
    ...(workflowExecutionTimeout ? { workflowExecutionTimeout } : {}),
  });
  return workflowId;
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);
const numbers = (events: readonly JobEvent[]): number[] => events.map(({ seq }) => seq);

const told = (message: string): NewEvent => ({
  key: randomUUID(),
  type: 'job.progress',
  time: new Date().toISOString(),
  data: { message },
});

async function tell(id: string, count = 1, message = 'on it'): Promise<void> {
  await log.append(
    id,
    Array.from({ length: count }, () => told(message)),
  );
  await log.announce([id]);
}

async function watch(id: string, options: StreamOptions & { url?: string } = {}): Promise<EventStream> {
  const stream = await openStream(`${options.url ?? house.url}/v1/jobs/${id}/events`, options);
  streams.push(stream);
  return stream;
}

async function anotherApi(env: Record<string, string> = {}): Promise<ApiProcess> {
  const api = await startApiProcess({ ...house.env, ...env });
  apis.push(api);
  return api;
}

async function page(id: string, query = '', headers: Record<string, string> = {}): Promise<EventPage> {
  const { status, body } = await house.request<EventPage>(
    'GET',
    `/v1/jobs/${id}/events${query}`,
    undefined,
    headers,
  );
  if (status !== 200) throw new Error(`the page was answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

const terminate = (id: string) => house.temporal.workflow.getHandle(id).terminate('by an operator');

/** How often the API reads a log while the work goes on. */
async function readsDuring(work: () => Promise<void>): Promise<number> {
  const { events } = house.api.get(Store);
  const { list } = events;
  let reads = 0;
  events.list = (...question) => {
    reads += 1;
    return list(...question);
  };
  try {
    await work();
  } finally {
    events.list = list;
  }
  return reads;
}

describe('a stream', () => {
  it('replays the log from its start, then follows it', async () => {
    const id = await newJob();
    await tell(id, 3);
    const stream = await watch(id);
    await stream.upTo(3);
    await tell(id, 2);
    await stream.upTo(5);
    expect(numbers(stream.events)).toEqual(upTo(5));
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    expect(stream.headers['x-content-type-options']).toBe('nosniff');
    expect(stream.retryMs).toBe(2_000);
    expect(stream.closed).toBe(false);
  });

  it('begins behind Last-Event-ID, which comes before the query', async () => {
    const id = await newJob();
    await tell(id, 5);
    const stream = await watch(id, { lastEventId: '3', after: 1 });
    await stream.upTo(5);
    expect(numbers(stream.events)).toEqual([4, 5]);
    const queried = await watch(id, { after: 4 });
    await queried.upTo(5);
    expect(numbers(queried.events)).toEqual([5]);
  });

  it.each(['nonsense', '-1', '1.5', ''])(
    'passes over Last-Event-ID "%s" and loses nothing',
    async (lastEventId) => {
      const id = await newJob();
      await tell(id, 2);
      const stream = await watch(id, { lastEventId });
      await stream.upTo(2);
      expect(numbers(stream.events)).toEqual([1, 2]);
    },
  );

  it.each(['900', '999999999999999'])(
    'follows from now on behind a number from the future (%s)',
    async (future) => {
      const id = await newJob();
      await tell(id, 2);
      const stream = await watch(id, { lastEventId: future });
      await tell(id, 1);
      await stream.upTo(3);
      expect(numbers(stream.events)).toEqual([3]);
    },
  );

  it('resumes at every event without a gap or a repeat while 20 writers insert', async () => {
    const id = await newJob();
    const total = 400;
    const writing = Promise.all(
      upTo(20).map(async () => {
        for (const _ of upTo(total / 20)) await tell(id);
      }),
    );
    const got: JobEvent[] = [];
    while (got.length < total) {
      const stream = await watch(id, got.length === 0 ? {} : { lastEventId: String(got.at(-1)?.seq) });
      const before = got.length;
      await until(() => stream.events.length > 0, { what: 'an event has come', everyMs: 1, limitMs: 15_000 });
      stream.cut();
      // Cut in the middle of what came: the client keeps one event, as if the rest had been lost on the way.
      got.push(...stream.events.slice(0, before % 3 === 0 ? 1 : undefined));
    }
    await writing;
    expect(numbers(got)).toEqual(upTo(total));
  });

  it('costs one reader, however many watch', async () => {
    const id = await newJob();
    const reads = await readsDuring(async () => {
      const watching = await Promise.all(upTo(50).map(() => watch(id)));
      await tell(id, 10);
      await Promise.all(watching.map((stream) => stream.upTo(10)));
      for (const stream of watching) expect(numbers(stream.events)).toEqual(upTo(10));
    });
    expect(reads).toBeLessThan(10);
  });

  it('replays from the log what is too old to be kept in memory', async () => {
    const id = await newJob();
    await tell(id, 700);
    const first = await watch(id);
    await tell(id, 50);
    const second = await watch(id, { after: 10 });
    await Promise.all([first.upTo(750), second.upTo(750)]);
    expect(numbers(first.events)).toEqual(upTo(750));
    expect(numbers(second.events)).toEqual(upTo(750).slice(10));
  });

  it('carries text that is not well-formed, and NUL characters, as far as they can be', async () => {
    const id = await newJob();
    const stream = await watch(id);
    await tell(id, 1, 'half \ud83d, nothing \u0000, line\nbreak');
    await stream.upTo(1);
    expect(stream.events[0]?.data['message']).toBe('half \ufffd, nothing \ufffd, line\nbreak');
  });

  it('answers HEAD without staying open', async () => {
    const id = await newJob();
    const { status, headers } = await fetch(`${house.url}/v1/jobs/${id}/events`, {
      method: 'HEAD',
      headers: { accept: 'text/event-stream' },
    });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch('text/event-stream');
  });

  it.each([
    ['/v1/jobs/nope/events', 404, 'job-not-found'],
    ['/v1/jobs/nope/events?after=-1', 422, 'validation-failed'],
    ['/v1/jobs/nope/events?after=x', 422, 'validation-failed'],
    ['/v1/jobs/nope/events?since=1', 422, 'validation-failed'],
  ])('is refused before it begins: %s', async (url, status, code) => {
    const answer = await house.api.inject({ url, headers: { accept: 'text/event-stream' } });
    expect(answer.statusCode).toBe(status);
    expect(problemIn(answer).code).toBe(code);
  });
});

describe('the end', () => {
  const endsOf = (events: readonly JobEvent[]) => events.filter(({ type }) => type === 'end');

  it('of a run that is terminated comes once, and closes the streams of every API process', async () => {
    const id = await newJob();
    const other = await anotherApi();
    const watching = await Promise.all([watch(id), watch(id), watch(id, { url: other.url })]);
    await tell(id, 1);
    await terminate(id);
    await Promise.all(watching.map((stream) => stream.untilClosed()));
    for (const stream of watching) {
      expect(numbers(stream.events)).toEqual([1, 2]);
      expect(stream.events[1]).toMatchObject({
        type: 'end',
        data: { status: 'terminated', failureCode: null },
      });
      expect(stream.problem).toBeNull();
    }
    await tell(id, 1);
    expect(numbers(await log.list(id, { after: 0, limit: 10 }))).toEqual([1, 2]);
  });

  it('that nobody watched is there when somebody reads', async () => {
    const [streamed, paged] = await Promise.all([newJob(), newJob()]);
    await Promise.all([terminate(streamed), terminate(paged)]);
    const stream = await watch(streamed);
    await stream.untilClosed();
    expect(stream.events).toMatchObject([{ seq: 1, type: 'end', data: { status: 'terminated' } }]);
    expect(await page(paged)).toMatchObject({ items: [{ seq: 1, type: 'end' }], nextAfter: 1, done: true });
  });

  it.each(['1', '70'])(
    'is answered with 204 to who has it (%s), so that an EventSource stops',
    async (lastEventId) => {
      const id = await newJob();
      await terminate(id);
      await page(id);
      const stream = await watch(id, { lastEventId });
      expect(stream.status).toBe(204);
    },
  );

  it('of a run that timed out says so', async () => {
    const stream = await watch(await newJob('1 second'));
    await stream.untilClosed();
    expect(stream.events.map(({ type, data }) => [type, data['status']])).toEqual([['end', 'timed_out']]);
  });

  describe('of a job that a worker does', () => {
    beforeAll(async () => {
      await house.startWorker();
    });

    it('follows what the job told, and closes the stream at once', async () => {
      const stream = await watch((await house.submit()).id);
      await stream.untilClosed();
      const types = stream.events.map(({ type }) => type);
      expect(types.filter((type) => !/^(output|job\.progress)/.test(type))).toEqual([
        'job.running',
        ...['step.started', 'step.succeeded'],
        ...['step.started', 'step.succeeded'],
        ...['step.started', 'step.succeeded'],
        'job.succeeded',
        'end',
      ]);
      expect(types).toContain('output.delta');
      expect(types).not.toContain('output.reset');
      expect(numbers(stream.events)).toEqual(upTo(types.length));
      const [told, end] = stream.events.slice(-2).map(({ time }) => Date.parse(time));
      expect((end ?? 0) - (told ?? 0)).toBeLessThan(1_000);
    });

    it('carries the code of the failure', async () => {
      const { id } = await house.submit({ url: `${house.web.url}nowhere` });
      const stream = await watch(id);
      await stream.untilClosed();
      expect(stream.events.at(-1)).toMatchObject({
        type: 'end',
        data: { status: 'failed', failureCode: 'page-not-found' },
      });
    });

    it('drops the text of an attempt that is repeated', async () => {
      house.models.next('cut-mid-stream');
      const id = (await house.submit()).id;
      const stream = await watch(id);
      await stream.untilClosed(20_000);
      const extract = stream.events.filter(({ step, type }) => step === 'extract' && /^output/.test(type));
      const reset = extract.findIndex(({ type }) => type === 'output.reset');
      expect(reset).toBeGreaterThan(0);
      expect(extract.slice(0, reset).every(({ attempt }) => attempt === 1)).toBe(true);
      expect(extract.slice(reset).every(({ attempt }) => attempt === 2)).toBe(true);
      const text = extract
        .slice(reset + 1)
        .map(({ data }) => String(data['text']))
        .join('');
      expect(() => JSON.parse(text) as unknown).not.toThrow();
    });

    it('stays the only one when an operator resets the run', async () => {
      const id = (await house.submit()).id;
      await (await watch(id)).untilClosed();
      await reset(id);
      await until(async () => (await run(id)) === 'COMPLETED', { what: 'the new run is done' });
      const again = await watch(id);
      await again.untilClosed();
      expect(endsOf(again.events)).toHaveLength(1);
      expect(again.events.at(-1)?.type).toBe('end');
    });

    it('comes after the new run when the run is reset before anybody reads', async () => {
      const id = (await house.submit()).id;
      await until(async () => (await run(id)) === 'COMPLETED', { what: 'the run is done' });
      await reset(id);
      const stream = await watch(id);
      await stream.untilClosed();
      expect(endsOf(stream.events)).toHaveLength(1);
      expect(stream.events.filter(({ type }) => type === 'job.running')).toHaveLength(2);
    });
  });

  const run = async (id: string) => (await house.temporal.workflow.getHandle(id).describe()).status.name;

  /** To the end of the first workflow task, so that all steps are done again. */
  const reset = async (id: string): Promise<void> => {
    const { events } = await house.temporal.workflow.getHandle(id).fetchHistory();
    const begun = events?.find((event) => event.workflowTaskCompletedEventAttributes);
    await house.temporal.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: id },
      workflowTaskFinishEventId: begun?.eventId,
      reason: 'a test',
      requestId: randomUUID(),
    });
  };
});

describe('a page', () => {
  it('gives the same events, in parts', async () => {
    const id = await newJob();
    await tell(id, 5);
    const first = await page(id, '?limit=2');
    expect([numbers(first.items), first.nextAfter, first.done]).toEqual([[1, 2], 2, false]);
    const rest = await page(id, `?after=${first.nextAfter}`);
    expect([numbers(rest.items), rest.nextAfter, rest.done]).toEqual([[3, 4, 5], 5, false]);
    const none = await page(id, `?after=${rest.nextAfter}`);
    expect(none).toEqual({ items: [], nextAfter: 5, done: false });
  });

  it('of a log that is still empty is empty', async () => {
    expect(await page(await newJob())).toEqual({ items: [], nextAfter: 0, done: false });
  });

  it('takes a number from the future for the newest one', async () => {
    const id = await newJob();
    await tell(id, 2);
    expect(await page(id, '?after=99999999999')).toEqual({ items: [], nextAfter: 2, done: false });
    await terminate(id);
    await until(async () => (await page(id, '?after=2')).done, { what: 'the job has ended' });
    expect(await page(id, '?after=99999999999')).toEqual({ items: [], nextAfter: 3, done: true });
  });

  it('waits for more when asked to', async () => {
    const id = await newJob();
    await tell(id, 1);
    const waiting = page(id, '?after=1', { prefer: 'wait=10' });
    await until(() => feedsOf(id) === 1, { what: 'the page waits' });
    await tell(id, 1);
    expect(numbers((await waiting).items)).toEqual([2]);
  });

  it('waits for the end, and no longer than asked', async () => {
    const id = await newJob();
    const [ended, inVain] = await Promise.all([
      (async () => {
        const other = await newJob();
        const waiting = page(other, '', { prefer: 'wait=10' });
        await until(() => feedsOf(other) === 1, { what: 'the page waits' });
        await terminate(other);
        return waiting;
      })(),
      page(id, '', { prefer: 'wait=1' }),
    ]);
    expect(ended).toMatchObject({ items: [{ type: 'end' }], done: true });
    expect(inVain).toEqual({ items: [], nextAfter: 0, done: false });
  });

  const feedsOf = (id: string) => house.api.get(EventFeeds).viewersOf(id);
});

describe('bad days', () => {
  it('a reader that takes nothing is dropped with a reason, and resumes', async () => {
    const id = await newJob();
    const slow = await watch(id);
    const quick = await watch(id);
    await tell(id, 1);
    await slow.upTo(1);
    slow.pause();
    const long = 'x'.repeat(100_000);
    for (const _ of upTo(30)) await tell(id, 6, long);
    await quick.upTo(181);
    slow.resume();
    await slow.untilClosed();
    expect(slow.problem).toMatchObject({ code: 'reader-too-slow', retryable: true });
    const last = slow.events.at(-1)?.seq ?? 0;
    expect(last).toBeLessThan(181);
    const resumed = await watch(id, { lastEventId: String(last) });
    await resumed.upTo(181);
    expect(numbers([...slow.events, ...resumed.events])).toEqual(upTo(181));
  });

  it('one stream too many is refused, and a place that is given up is free again', async () => {
    const id = await newJob();
    const api = await anotherApi({ MAX_STREAMS: '2' });
    const first = await watch(id, { url: api.url });
    await watch(id, { url: api.url });
    const address = `${api.url}/v1/jobs/${id}/events`;
    const refused = await fetch(address, { headers: { accept: 'text/event-stream' } });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(await refused.json()).toMatchObject({ code: 'too-many-streams', retryable: true });
    first.cut();
    await until(async () => (await watch(id, { url: api.url })).status === 200, { what: 'a place is free' });
  });

  it('an API process that is killed with 100 streams open loses nothing: they resume on another', async () => {
    const id = await newJob();
    const api = await anotherApi({ MAX_STREAMS: '100' });
    const before = await Promise.all(upTo(100).map(() => watch(id, { url: api.url })));
    let writing = true;
    const writer = (async () => {
      while (writing) await tell(id, 3);
    })();
    await Promise.all(before.map((stream) => stream.upTo(20)));
    await api.kill();
    await Promise.all(before.map((stream) => stream.untilClosed()));
    const after = await Promise.all(
      before.map((stream) => watch(id, { lastEventId: String(stream.events.at(-1)?.seq) })),
    );
    writing = false;
    await writer;
    const last = (await log.heads([id])).get(id)?.lastSeq ?? 0;
    await Promise.all(after.map((stream) => stream.upTo(last)));
    for (const [index, stream] of after.entries()) {
      expect(numbers([...(before[index]?.events ?? []), ...stream.events])).toEqual(upTo(last));
    }
  });

  it('an API process that is told to end lets its 100 streams go within a second', async () => {
    const id = await newJob();
    const api = await anotherApi({ MAX_STREAMS: '100' });
    const open = await Promise.all(upTo(100).map(() => watch(id, { url: api.url })));
    const waiting = fetch(`${api.url}/v1/jobs/${id}/events`, { headers: { prefer: 'wait=30' } });
    await tell(id, 1);
    expect(((await (await waiting).json()) as EventPage).items).toHaveLength(1);
    const late = fetch(`${api.url}/v1/jobs/${id}/events?after=1`, { headers: { prefer: 'wait=30' } });
    await Promise.all(open.map((stream) => stream.upTo(1)));
    open[0]?.pause();
    const from = performance.now();
    await api.stop();
    expect(performance.now() - from).toBeLessThan(1_000);
    open[0]?.resume();
    await Promise.all(open.map((stream) => stream.untilClosed()));
    for (const stream of open.slice(1)) {
      expect(stream.comments.join()).toMatch(/connect again/);
      expect(stream.problem).toBeNull();
    }
    expect(new Set(open.map(({ retryMs }) => retryMs)).size).toBeGreaterThan(10);
    expect((await late).status).toBe(200);
  });

  it('a listening connection that is lost comes back, and nothing is missed', async () => {
    const notices = house.api.get(Notices);
    await until(() => notices.healthy(), { what: 'notices are heard' });
    const id = await newJob();
    const stream = await watch(id);
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'longhaul-api-notices' and datname = current_database()`.execute(house.db);
    await tell(id, 1);
    await stream.upTo(1);
    await until(() => notices.healthy(), { what: 'notices are heard again' });
    const from = performance.now();
    await tell(id, 1);
    await stream.upTo(2);
    expect(performance.now() - from).toBeLessThan(1_000);
    expect(numbers(stream.events)).toEqual([1, 2]);
  });

  it.each(['cut', 'freeze'] as const)(
    'a database that is away (%s) delays events and loses none',
    async (how) => {
      const id = await newJob();
      const database = new URL(house.env['DATABASE_URL'] ?? '');
      const proxy = await startTcpProxy({ host: database.hostname, port: Number(database.port) });
      try {
        database.port = String(proxy.port);
        const api = await anotherApi({ DATABASE_URL: database.href });
        const stream = await watch(id, { url: api.url });
        await tell(id, 2);
        await stream.upTo(2);
        proxy[how]();
        await tell(id, 3);
        const refused = await fetch(`${api.url}/v1/jobs/${id}/events`);
        expect(refused.status).toBe(503);
        await refused.body?.cancel();
        proxy.restore();
        await stream.upTo(5);
        expect(numbers(stream.events)).toEqual(upTo(5));
        await api.kill();
      } finally {
        await proxy.close();
      }
    },
  );
});

failOnLeftovers();
