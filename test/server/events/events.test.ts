import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { JobEvent } from '../../../job-types/contract/event.js';
import { EventFeeds } from '../../../src/events/event-feeds.js';
import { type EventPage, EventPages } from '../../../src/events/event-pages.js';
import { Store } from '../../../src/database/store.js';
import { isCollected } from '../../harness/garbage.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { problemIn } from '../../harness/problem.js';
import { leastMs, promptMs } from '../../harness/prompt.js';
import { until } from '../../harness/until.js';
import { type WatchedJobs, numbers, upTo, watchedJobs } from '../../harness/watched-jobs.js';

let house: House;
let jobs: WatchedJobs;

beforeAll(async () => {
  house = await openHouse({ MAX_STREAMS: '1000', RATE_LIMIT_STREAM: '0' });
  jobs = watchedJobs(house);
});
afterEach(() => jobs.cutAll());
afterAll(() => house.close());

async function page(id: string, query = '', headers: Record<string, string> = {}): Promise<EventPage> {
  const path = `/v1/jobs/${id}/events${query}`;
  const { status, body } = await house.ask<EventPage>('GET', path, undefined, headers);
  if (status !== 200) throw new Error(`the page was answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

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
    const id = await jobs.start();
    await jobs.tell(id, 3);
    const stream = await jobs.watch(id);
    await stream.upTo(3);
    await jobs.tell(id, 2);
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
    const id = await jobs.start();
    await jobs.tell(id, 5);
    const stream = await jobs.watch(id, { lastEventId: '3', after: 1 });
    await stream.upTo(5);
    expect(numbers(stream.events)).toEqual([4, 5]);
    const queried = await jobs.watch(id, { after: 4 });
    await queried.upTo(5);
    expect(numbers(queried.events)).toEqual([5]);
  });

  it.each(['nonsense', '-1', '1.5', ''])(
    'passes over Last-Event-ID "%s" and loses nothing',
    async (lastEventId) => {
      const id = await jobs.start();
      await jobs.tell(id, 2);
      const stream = await jobs.watch(id, { lastEventId });
      await stream.upTo(2);
      expect(numbers(stream.events)).toEqual([1, 2]);
    },
  );

  it('begins behind a Last-Event-ID in the digits of another script', async () => {
    const id = await jobs.start();
    await jobs.tell(id, 4);
    // Headers are bytes.
    const stream = await jobs.watch(id, { lastEventId: Buffer.from('٣').toString('latin1') });
    await stream.upTo(4);
    expect(numbers(stream.events)).toEqual([4]);
  });

  it.each(['900', '999999999999999'])(
    'follows from now on behind a number from the future (%s)',
    async (future) => {
      const id = await jobs.start();
      await jobs.tell(id, 2);
      const stream = await jobs.watch(id, { lastEventId: future });
      await jobs.tell(id, 1);
      await stream.upTo(3);
      expect(numbers(stream.events)).toEqual([3]);
    },
  );

  it('that is cut at every event resumes without a gap or a repeat while 20 writers insert', async () => {
    const id = await jobs.start();
    const cuts = 300;
    const got: JobEvent[] = [];
    let written = 0;
    const writing = Promise.all(
      upTo(20).map(async () => {
        // They go on for as long as the client is cut, and stay ahead of it by little.
        for (; got.length < cuts; written += 1) {
          const caughtUp = () => written < got.length + 100 || got.length === cuts;
          await until(caughtUp, { what: 'the client has caught up', everyMs: 2 });
          await jobs.tell(id);
        }
      }),
    );
    const resumed = () => jobs.watch(id, got.length === 0 ? {} : { lastEventId: String(got.at(-1)?.seq) });
    while (got.length < cuts) {
      const stream = await resumed();
      await until(() => stream.events.length > 0, { what: 'an event has come', everyMs: 1 });
      stream.cut();
      // As if the rest of what came had been lost on the way.
      got.push(...stream.events.slice(0, 1));
    }
    await writing;
    const rest = await resumed();
    await rest.upTo(written);
    expect(written).toBeGreaterThan(cuts);
    expect(numbers([...got, ...rest.events])).toEqual(upTo(written));
  });

  it('costs one reader, however many watch', async () => {
    const id = await jobs.start();
    const from = performance.now();
    const reads = await readsDuring(async () => {
      const watching = await Promise.all(upTo(50).map(() => jobs.watch(id)));
      await jobs.tell(id, 10);
      await Promise.all(watching.map((stream) => stream.upTo(10)));
      for (const stream of watching) expect(numbers(stream.events)).toEqual(upTo(10));
    });
    // A feed also looks by itself every 2 s, however long a busy machine takes.
    expect(reads).toBeLessThan(10 + (performance.now() - from) / 2_000);
  });

  it('replays from the log what is too old to be kept in memory', async () => {
    const id = await jobs.start();
    await jobs.tell(id, 700);
    const first = await jobs.watch(id);
    await jobs.tell(id, 50);
    const second = await jobs.watch(id, { after: 10 });
    await Promise.all([first.upTo(750), second.upTo(750)]);
    expect(numbers(first.events)).toEqual(upTo(750));
    expect(numbers(second.events)).toEqual(upTo(750).slice(10));
  });

  it('carries text that is not well-formed, and NUL characters, as far as they can be', async () => {
    const id = await jobs.start();
    const stream = await jobs.watch(id);
    await jobs.tell(id, 1, 'half \ud83d, nothing \u0000, line\nbreak');
    await stream.upTo(1);
    expect(stream.events[0]?.data['message']).toBe('half \ufffd, nothing \ufffd, line\nbreak');
  });

  it('answers HEAD without staying open', async () => {
    const id = await jobs.start();
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

  it('that nobody watched is there when somebody reads', async () => {
    const [streamed, paged] = await Promise.all([jobs.start(), jobs.start()]);
    await Promise.all([jobs.terminate(streamed), jobs.terminate(paged)]);
    const stream = await jobs.watch(streamed);
    await stream.untilClosed();
    expect(stream.events).toMatchObject([{ seq: 1, type: 'end', data: { status: 'terminated' } }]);
    expect(await page(paged)).toMatchObject({ items: [{ seq: 1, type: 'end' }], nextAfter: 1, done: true });
  });

  it.each(['1', '70'])(
    'is answered with 204 to who has it (%s), so that an EventSource stops',
    async (lastEventId) => {
      const id = await jobs.start();
      await jobs.terminate(id);
      await page(id);
      const stream = await jobs.watch(id, { lastEventId });
      expect(stream.status).toBe(204);
    },
  );

  it('of a run that timed out says so', async () => {
    const stream = await jobs.watch(await jobs.start('1 second'));
    await stream.untilClosed();
    expect(stream.events.map(({ type, data }) => [type, data['status']])).toEqual([['end', 'timed_out']]);
  });

  describe('of a job that a worker does', () => {
    beforeAll(async () => {
      await house.startWorker();
    });

    it('follows what the job told, and closes the stream at once', async () => {
      const stream = await jobs.watch((await house.submit()).id);
      await stream.untilClosed();
      const types = stream.events.map(({ type }) => type);
      // A worker may be faster than the API with its word.
      expect(types.lastIndexOf('job.queued')).toBeLessThanOrEqual(0);
      expect(types.filter((type) => !/^(output|job\.(progress|queued))/.test(type))).toEqual([
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
      const least = await leastMs(promptMs, async () => {
        const { events, untilClosed } = await jobs.watch((await house.submit()).id);
        await untilClosed();
        expect(events.at(-1)?.type).toBe('end');
        const [told, end] = events.slice(-2).map(({ time }) => Date.parse(time));
        return (end ?? 0) - (told ?? 0);
      });
      expect(least).toBeLessThan(promptMs);
    });

    it('carries the code of the failure', async () => {
      const { id } = await house.submit({ url: `${house.web.url}nowhere` });
      const stream = await jobs.watch(id);
      await stream.untilClosed();
      expect(stream.events.at(-1)).toMatchObject({
        type: 'end',
        data: { status: 'failed', failureCode: 'page-not-found' },
      });
    });

    it('drops the text of an attempt that is repeated', async () => {
      house.models.next('cut-mid-stream');
      const id = (await house.submit()).id;
      const stream = await jobs.watch(id);
      await stream.untilClosed();
      const extract = stream.events.filter(
        ({ step, type }) => step === 'extract' && type.startsWith('output'),
      );
      const reset = extract.findIndex(({ type }) => type === 'output.reset');
      expect(reset).toBeGreaterThan(0);
      expect(extract.slice(0, reset).every(({ attempt }) => attempt === 1)).toBe(true);
      expect(extract.slice(reset).every(({ attempt }) => attempt === 2)).toBe(true);
      const text = extract
        .slice(reset + 1)
        .map(({ data }) => data['text'] as string)
        .join('');
      expect(() => JSON.parse(text) as unknown).not.toThrow();
    });

    it('stays the only one when an operator resets the run', async () => {
      const id = (await house.submit()).id;
      await (await jobs.watch(id)).untilClosed();
      await reset(id);
      await until(async () => (await run(id)) === 'COMPLETED', { what: 'the new run is done' });
      const again = await jobs.watch(id);
      await again.untilClosed();
      expect(endsOf(again.events)).toHaveLength(1);
      expect(again.events.at(-1)?.type).toBe('end');
    });

    it('comes after the new run when the run is reset before anybody reads', async () => {
      const id = (await house.submit()).id;
      await until(async () => (await run(id)) === 'COMPLETED', { what: 'the run is done' });
      await reset(id);
      const stream = await jobs.watch(id);
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
    const id = await jobs.start();
    await jobs.tell(id, 5);
    const first = await page(id, '?limit=2');
    expect([numbers(first.items), first.nextAfter, first.done]).toEqual([[1, 2], 2, false]);
    const rest = await page(id, `?after=${first.nextAfter}`);
    expect([numbers(rest.items), rest.nextAfter, rest.done]).toEqual([[3, 4, 5], 5, false]);
    const none = await page(id, `?after=${rest.nextAfter}`);
    expect(none).toEqual({ items: [], nextAfter: 5, done: false });
  });

  it('of a log that is still empty is empty', async () => {
    expect(await page(await jobs.start())).toEqual({ items: [], nextAfter: 0, done: false });
  });

  it('takes a number from the future for the newest one', async () => {
    const id = await jobs.start();
    await jobs.tell(id, 2);
    expect(await page(id, '?after=99999999999')).toEqual({ items: [], nextAfter: 2, done: false });
    await jobs.terminate(id);
    await until(async () => (await page(id, '?after=2')).done, { what: 'the job has ended' });
    expect(await page(id, '?after=99999999999')).toEqual({ items: [], nextAfter: 3, done: true });
  });

  it('keeps nothing of a request that has waited', async () => {
    const id = await jobs.start();
    const wait = async () => {
      const { signal: gone } = new AbortController();
      await house.api.get(EventPages).page(id, { owner: 'local', after: 0, limit: 1, wait: 0.05, gone });
      return new WeakRef(gone);
    };
    expect(await isCollected(await wait())).toBe(true);
  });

  it('waits for more when asked to', async () => {
    const id = await jobs.start();
    await jobs.tell(id, 1);
    const waiting = page(id, '?after=1', { prefer: 'wait=60' });
    await until(() => feedsOf(id) === 1, { what: 'the page waits' });
    await jobs.tell(id, 1);
    expect(numbers((await waiting).items)).toEqual([2]);
  });

  it('waits for the end, and no longer than asked', async () => {
    const id = await jobs.start();
    const [ended, inVain] = await Promise.all([
      (async () => {
        const other = await jobs.start();
        const waiting = page(other, '', { prefer: 'wait=60' });
        await until(() => feedsOf(other) === 1, { what: 'the page waits' });
        await jobs.terminate(other);
        return waiting;
      })(),
      page(id, '', { prefer: 'wait=1' }),
    ]);
    expect(ended).toMatchObject({ items: [{ type: 'end' }], done: true });
    expect(inVain).toEqual({ items: [], nextAfter: 0, done: false });
  });

  const feedsOf = (id: string) => house.api.get(EventFeeds).viewersOf(id);
});

failOnLeftovers();
