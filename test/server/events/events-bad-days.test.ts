import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { EventPage } from '../../../src/events/event-pages.js';
import { Notices } from '../../../src/database/notices.js';
import { type ApiProcess, startApiProcess } from '../../harness/api-process.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { leastMs, promptMs } from '../../harness/prompt.js';
import { until } from '../../harness/until.js';
import { type WatchedJobs, numbers, upTo, watchedJobs } from '../../harness/watched-jobs.js';
import { type TcpProxy, startTcpProxy } from '../../stand-ins/tcp-proxy.js';

let house: House;
let jobs: WatchedJobs;
let proxy: TcpProxy;
/** Another process of the same API, with two streams an owner, which can be parted from its database. */
let other: ApiProcess;

beforeAll(async () => {
  house = await openHouse({ MAX_STREAMS: '1000', RATE_LIMIT_STREAM: '0' });
  jobs = watchedJobs(house);
  const database = new URL(house.env['DATABASE_URL'] ?? '');
  proxy = await startTcpProxy({ host: database.hostname, port: Number(database.port) });
  database.port = String(proxy.port);
  other = await startApiProcess({ ...house.env, DATABASE_URL: database.href, MAX_STREAMS: '2' });
});
afterEach(() => jobs.cutAll());
afterAll(async () => {
  await other.kill();
  await proxy.close();
  await house.close();
});

it('the end of a run that is terminated comes once, and closes the streams of every API process', async () => {
  const id = await jobs.start();
  const watching = await Promise.all([jobs.watch(id), jobs.watch(id), jobs.watch(id, { url: other.url })]);
  await jobs.tell(id, 1);
  await jobs.terminate(id);
  await Promise.all(watching.map((stream) => stream.untilClosed()));
  for (const stream of watching) {
    expect(numbers(stream.events)).toEqual([1, 2]);
    expect(stream.events[1]).toMatchObject({
      type: 'end',
      data: { status: 'terminated', failureCode: null },
    });
    expect(stream.problem).toBeNull();
  }
  await jobs.tell(id, 1);
  expect(numbers(await jobs.log.list(id, { after: 0, limit: 10 }))).toEqual([1, 2]);
});

it('a reader that takes nothing is dropped with a reason, and resumes', async () => {
  const id = await jobs.start();
  const slow = await jobs.watch(id);
  const quick = await jobs.watch(id);
  await jobs.tell(id, 1);
  await slow.upTo(1);
  slow.pause();
  const long = 'x'.repeat(100_000);
  for (const round of upTo(30)) {
    await jobs.tell(id, 6, long);
    // If the API fell behind, it would stop at the slow reader when nothing more comes.
    await quick.upTo(1 + 6 * round);
  }
  slow.resume();
  await slow.untilClosed();
  expect(slow.problem).toMatchObject({ code: 'reader-too-slow', retryable: true });
  const last = slow.events.at(-1)?.seq ?? 0;
  expect(last).toBeLessThan(181);
  const resumed = await jobs.watch(id, { lastEventId: String(last) });
  await resumed.upTo(181);
  expect(numbers([...slow.events, ...resumed.events])).toEqual(upTo(181));
});

it('one stream too many is refused, and a place that is given up is free again', async () => {
  const id = await jobs.start();
  const { url } = other;
  const first = await jobs.watch(id, { url });
  await jobs.watch(id, { url });
  const refused = await fetch(`${url}/v1/jobs/${id}/events`, { headers: { accept: 'text/event-stream' } });
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('5');
  expect(await refused.json()).toMatchObject({ code: 'too-many-streams', retryable: true });
  first.cut();
  await until(async () => (await jobs.watch(id, { url })).status === 200, { what: 'a place is free' });
});

it('an API process that is killed with 100 streams open loses nothing: they resume on another', async () => {
  const id = await jobs.start();
  const api = await startApiProcess(house.env);
  const before = await Promise.all(upTo(100).map(() => jobs.watch(id, { url: api.url })));
  const write = async () => {
    for (const _ of upTo(20)) await jobs.tell(id);
  };
  await write();
  await Promise.all(before.map((stream) => stream.upTo(5)));
  await Promise.all([api.kill(), write()]);
  await Promise.all(before.map((stream) => stream.untilClosed()));
  const [after] = await Promise.all([
    Promise.all(before.map(({ events }) => jobs.watch(id, { lastEventId: String(events.at(-1)?.seq) }))),
    write(),
  ]);
  await Promise.all(after.map((stream) => stream.upTo(60)));
  for (const [index, stream] of after.entries()) {
    expect(numbers([...(before[index]?.events ?? []), ...stream.events])).toEqual(upTo(60));
  }
});

it('an API process that is told to end soon lets its 100 streams go', async () => {
  const id = await jobs.start();
  await jobs.tell(id, 1);
  const least = await leastMs(promptMs, async () => {
    const api = await startApiProcess(house.env);
    const open = await Promise.all(upTo(100).map(() => jobs.watch(id, { url: api.url })));
    await Promise.all(open.map((stream) => stream.upTo(1)));
    const page = fetch(`${api.url}/v1/jobs/${id}/events?after=1`, { headers: { prefer: 'wait=30' } });
    // Taken in after the page that waits.
    await (await fetch(`${api.url}/healthz`)).body?.cancel();
    open[0]?.pause();
    const from = performance.now();
    await api.stop();
    const tookMs = performance.now() - from;
    expect(((await (await page).json()) as EventPage).items).toEqual([]);
    open[0]?.resume();
    await Promise.all(open.map((stream) => stream.untilClosed()));
    for (const stream of open.slice(1)) {
      expect(stream.comments.join()).toMatch(/connect again/);
      expect(stream.problem).toBeNull();
    }
    expect(new Set(open.map(({ retryMs }) => retryMs)).size).toBeGreaterThan(10);
    return tookMs;
  });
  expect(least).toBeLessThan(promptMs);
});

it('a listening connection that is lost comes back, and nothing is missed', async () => {
  const notices = house.api.get(Notices);
  await until(() => notices.healthy(), { what: 'notices are heard' });
  const id = await jobs.start();
  const stream = await jobs.watch(id);
  await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'longhaul-api-notices' and datname = current_database()`.execute(house.db);
  await jobs.tell(id, 1);
  await stream.upTo(1);
  await until(() => notices.healthy(), { what: 'notices are heard again' });
  let told = 1;
  // The next look without a notice comes after 2 s.
  const least = await leastMs(1_000, async () => {
    const from = performance.now();
    await jobs.tell(id, 1);
    await stream.upTo((told += 1));
    return performance.now() - from;
  });
  expect(least).toBeLessThan(1_000);
  expect(numbers(stream.events)).toEqual(upTo(told));
});

it.each(['cut', 'freeze'] as const)(
  'a database that is away (%s) delays events and loses none',
  async (how) => {
    const id = await jobs.start();
    const stream = await jobs.watch(id, { url: other.url });
    await jobs.tell(id, 2);
    await stream.upTo(2);
    proxy[how]();
    await jobs.tell(id, 3);
    proxy.restore();
    await stream.upTo(5);
    expect(numbers(stream.events)).toEqual(upTo(5));
  },
);

it('without a database, the events are answered with 503', async () => {
  const id = await jobs.start();
  proxy.cut();
  const refused = await fetch(`${other.url}/v1/jobs/${id}/events`, {
    headers: { accept: 'text/event-stream' },
  });
  proxy.restore();
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBeDefined();
  expect(await refused.json()).toMatchObject({ code: 'storage-unavailable' });
});

failOnLeftovers();
