import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { OwnerEvent } from '../../../job-types/contract/event.js';
import type { EventPage } from '../../../src/events/event-pages.js';
import type { FeedPage } from '../../../src/events/feed-pages.js';
import { OwnerFeeds } from '../../../src/events/owner-feeds.js';
import { createEvents } from '../../../store/events.js';
import { type ApiProcess, startApiProcess } from '../../harness/api-process.js';
import { openPatiently } from '../../harness/database.js';
import type { EventStream } from '../../harness/event-stream.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { type FeedHarness, feedHarness } from '../../harness/owner-feeds.js';
import { problemIn } from '../../harness/problem.js';
import { leastMs, promptMs } from '../../harness/prompt.js';
import { until } from '../../harness/until.js';
import { numbers, upTo } from '../../harness/watched-jobs.js';
import { whileTemporalBusy } from '../../harness/while-busy.js';
import { type TcpProxy, startTcpProxy } from '../../stand-ins/tcp-proxy.js';

jest.setTimeout(180_000);

let house: House;
let feed: FeedHarness;
let proxy: TcpProxy;
/** Another process of the same API, which can be parted from its database. */
let other: ApiProcess;

beforeAll(async () => {
  house = await openHouse({
    MAX_STREAMS: '1000',
    RATE_LIMIT_STREAM: '0',
    MODELS: 'openai/hang-mid-stream',
  });
  feed = feedHarness(house);
  const database = new URL(house.env['DATABASE_URL'] ?? '');
  proxy = await startTcpProxy({ host: database.hostname, port: Number(database.port) });
  database.port = String(proxy.port);
  other = await startApiProcess({ ...house.env, DATABASE_URL: database.href });
});
afterEach(() => feed.cutAll());
afterAll(async () => {
  await other.kill();
  await proxy.close();
  await house.close();
});

async function page(query = '', headers: Record<string, string> = {}): Promise<FeedPage> {
  const { status, body } = await house.ask<FeedPage>('GET', `/v1/events${query}`, undefined, headers);
  if (status !== 200) throw new Error(`the page was answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** The number of the newest entry. */
const now = async (): Promise<number> => (await page()).nextAfter;
const typesOf = (entries: readonly OwnerEvent[], id: string) =>
  entries.filter(({ job }) => job === id).map(({ event }) => event.type);

describe('a stream of what becomes of jobs', () => {
  it('begins now, says where that is, and tells of jobs that nobody told the client about', async () => {
    await feed.tell('local');
    const from = await now();
    const stream = await feed.watch();
    await until(() => stream.begin !== null, { what: 'the stream has said where it begins' });
    expect(stream.begin).toBe(from);
    const job = await feed.tell('local');
    await stream.upTo(from + 1);
    expect(stream.events).toEqual([
      expect.objectContaining({ seq: from + 1, job, jobType: 'extractArticle', subject: 'a lighthouse' }),
    ]);
    expect(stream.headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8' });
  });

  it('begins with all that is kept when it is asked for what comes after 0', async () => {
    await feed.tell('local');
    const last = await now();
    const stream = await feed.watch({ after: 0 });
    await stream.upTo(last);
    expect(stream.begin).toBe(0);
    expect(numbers(stream.events)).toEqual(upTo(last));
  });

  it('begins behind Last-Event-ID, which comes before the query, and now behind a number from the future', async () => {
    await feed.tell('local');
    const last = await now();
    const stream = await feed.watch({ lastEventId: String(last - 1), after: 0 });
    await stream.upTo(last);
    expect(numbers(stream.events)).toEqual([last]);
    const future = await feed.watch({ lastEventId: '999999999999999' });
    await feed.tell('local');
    await future.upTo(last + 1);
    expect([future.begin, numbers(future.events)]).toEqual([last, [last + 1]]);
  });

  it('that is cut at every entry resumes without a gap or a repeat while 20 writers on connections of their own insert', async () => {
    const cuts = 200;
    const from = await now();
    const db = openPatiently(house.env['DATABASE_URL'] ?? '', 20);
    const log = createEvents(db);
    const got: OwnerEvent[] = [];
    let written = 0;
    const writing = Promise.all(
      upTo(20).map(async (writer) => {
        for (let n = 0; got.length < cuts; n += 1, written += 1) {
          const caughtUp = () => written < got.length + 100 || got.length >= cuts;
          await until(caughtUp, { what: 'the client has caught up', everyMs: 2 });
          const about = { owner: 'local', type: 'extractArticle' };
          const time = new Date().toISOString();
          const job = `job_${writer}_${Math.floor(n / 4)}`;
          await log.append(job, [
            { key: `${n}/state`, type: 'job.waiting', time, about },
            { key: `${n}/talk`, type: 'job.progress', time },
          ]);
          await log.announce([job], { owners: ['local'] });
        }
      }),
    );
    const resumed = () => feed.watch({ lastEventId: String(got.at(-1)?.seq ?? from) });
    while (got.length < cuts) {
      const stream = await resumed();
      await until(() => stream.events.length > 0, { what: 'an entry has come', everyMs: 1 });
      stream.cut();
      // As if the rest of what came had been lost on the way.
      got.push(...stream.events.slice(0, 1));
    }
    await writing;
    const rest = await resumed();
    await rest.upTo(from + written);
    expect(numbers([...got, ...rest.events])).toEqual(upTo(written).map((n) => from + n));
    await db.destroy();
  });

  it('answers HEAD without staying open', async () => {
    const { status, headers } = await fetch(`${house.url}/v1/events`, {
      method: 'HEAD',
      headers: { accept: 'text/event-stream' },
    });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch('text/event-stream');
  });

  it.each(['after=-1', 'after=x', 'since=1', 'limit=0'])(
    'is refused before it begins: ?%s',
    async (query) => {
      const answer = await house.api.inject({
        url: `/v1/events?${query}`,
        headers: { accept: 'text/event-stream' },
      });
      expect(problemIn(answer)).toMatchObject({ status: 422, code: 'validation-failed' });
    },
  );
});

describe('a page of what becomes of jobs', () => {
  it('gives the same entries, in parts', async () => {
    const from = await now();
    for (const _ of upTo(3)) await feed.tell('local');
    const first = await page(`?after=${from}&limit=2`);
    expect([numbers(first.items), first.nextAfter]).toEqual([[from + 1, from + 2], from + 2]);
    const rest = await page(`?after=${first.nextAfter}`);
    expect([numbers(rest.items), rest.nextAfter]).toEqual([[from + 3], from + 3]);
    expect(await page(`?after=${rest.nextAfter}`)).toEqual({ items: [], nextAfter: from + 3 });
    expect(await page('?after=99999999999')).toEqual({ items: [], nextAfter: from + 3 });
  });

  it('waits for more when asked to, and no longer than asked', async () => {
    const from = await now();
    const waiting = page('', { prefer: 'wait=60' });
    await until(() => house.api.get(OwnerFeeds).viewersOf('local') === 1, { what: 'the page waits' });
    await feed.tell('local');
    expect(await waiting).toMatchObject({ items: [{ seq: from + 1 }], nextAfter: from + 1 });
    expect(await page('', { prefer: 'wait=1' })).toEqual({ items: [], nextAfter: from + 1 });
  });
});

describe('on a bad day', () => {
  /** The entries of all streams, in which none may be missing or doubled. */
  const whole = (parts: readonly EventStream<OwnerEvent>[]) => numbers(parts.flatMap(({ events }) => events));

  it('an API process that is killed loses nothing: its clients resume on the one that comes in its place', async () => {
    const from = await now();
    const api = await startApiProcess(house.env);
    const before = await feed.watch({ url: api.url, lastEventId: String(from) });
    for (const _ of upTo(5)) await feed.tell('local');
    await before.upTo(from + 5);
    await api.kill();
    for (const _ of upTo(5)) await feed.tell('local');
    await before.untilClosed();
    const again = await startApiProcess(house.env, api.port);
    const after = await feed.watch({ url: again.url, lastEventId: String(before.events.at(-1)?.seq) });
    for (const _ of upTo(5)) await feed.tell('local');
    await after.upTo(from + 15);
    expect(whole([before, after])).toEqual(upTo(15).map((n) => from + n));
    await again.stop();
  });

  it.each(['cut', 'freeze'] as const)(
    'a database that is away (%s) delays entries and loses none',
    async (how) => {
      const from = await now();
      const stream = await feed.watch({ url: other.url, lastEventId: String(from) });
      await feed.tell('local');
      await stream.upTo(from + 1);
      proxy[how]();
      for (const _ of upTo(3)) await feed.tell('local');
      proxy.restore();
      await stream.upTo(from + 4);
      expect(whole([stream])).toEqual(upTo(4).map((n) => from + n));
    },
  );

  it('without a database the feed is answered with 503', async () => {
    proxy.cut();
    const refused = await fetch(`${other.url}/v1/events`, { headers: { accept: 'text/event-stream' } });
    proxy.restore();
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: 'storage-unavailable' });
  });

  it('a notice that is lost is made up for', async () => {
    const from = await now();
    const stream = await feed.watch({ lastEventId: String(from) });
    const time = new Date().toISOString();
    const about = { owner: 'local', type: 'extractArticle' };
    await feed.log.append('job_unannounced', [{ key: 'a', type: 'job.running', time, about }]);
    await stream.upTo(from + 1);
    expect(numbers(stream.events)).toEqual([from + 1]);
  });
});

describe('the jobs of a worker', () => {
  beforeAll(async () => {
    await house.startWorker();
  });

  it('are told of from their submit to their end', async () => {
    const stream = await feed.watch();
    const { id } = await house.submit();
    await until(() => typesOf(stream.events, id).includes('job.succeeded'), {
      what: 'the job has succeeded',
    });
    // Temporal closes the run a moment later. Whoever reads pages asks until the log is done.
    const isDone = async () => (await house.request<EventPage>('GET', `/v1/jobs/${id}/events`)).body.done;
    await until(isDone, { what: 'its log is done' });
    await until(() => typesOf(stream.events, id).at(-1) === 'end', { what: 'its end is told' });
    // A worker may be faster than the API with its word.
    expect(typesOf(stream.events, id).filter((type) => type !== 'job.queued')).toEqual([
      'job.running',
      'job.succeeded',
      'end',
    ]);
    const mine = stream.events.filter(({ job }) => job === id);
    expect(mine.at(-1)).toMatchObject({ jobType: 'extractArticle', subject: `${house.web.url}article` });
  });

  const submitToOther = async () => {
    const answer = await fetch(`${other.url}/v1/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        type: 'extractArticle',
        input: {
          url: `${house.web.url}article`,
          sourceLang: 'es',
          targetLang: 'fr',
          model: 'openai/hang-mid-stream',
        },
      }),
    });
    return { status: answer.status, body: (await answer.json()) as { id: string } };
  };
  it('are told of while they run, when the API that took them reaches the database again', async () => {
    const stream = await feed.watch();
    proxy.cut();
    const ids: string[] = [];
    const least = await leastMs(promptMs, async () => {
      const from = performance.now();
      const answer = await whileTemporalBusy(submitToOther);
      const tookMs = performance.now() - from;
      expect(answer.status).toBe(202);
      ids.unshift(answer.body.id);
      return tookMs;
    });
    expect(least).toBeLessThan(promptMs);
    const [id = '', ...late] = ids;
    const log = () => feed.log.list(id, { after: 0, limit: 10 });
    await until(async () => (await log()).length > 0, { what: 'the worker has told of it' });
    expect(typesOf(stream.events, id)).toEqual([]);
    proxy.restore();
    await until(() => typesOf(stream.events, id).length > 0, { what: 'the job is told of' });
    for (const one of [id, ...late]) await house.ask('POST', `/v1/jobs/${one}/cancel`, {});
    await until(() => typesOf(stream.events, id).includes('job.cancelled'), { what: 'the job is cancelled' });
    // A job that has stopped before the API could tell is not told to be stopping.
    const told = typesOf(stream.events, id);
    const logged = await feed.log.list(id, { after: 0, limit: 1_000 });
    const isLogged = logged.some(({ type }) => type === 'job.cancelling');
    expect(told.indexOf('job.cancelling')).toBe(isLogged ? 1 : -1);
    expect(told.filter((type) => type !== 'job.cancelling').slice(0, 2)).toEqual([
      'job.running',
      'job.cancelled',
    ]);
    expect((await page(`?after=${stream.begin ?? 0}`)).items.findLast(({ job }) => job === id)).toMatchObject(
      {
        jobType: 'extractArticle',
        subject: `${house.web.url}article`,
      },
    );
  });
});

failOnLeftovers();
