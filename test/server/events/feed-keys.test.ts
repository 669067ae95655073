import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import type { OwnerEvent } from '../../../job-types/contract/event.js';
import type { FeedPage } from '../../../src/events/feed-pages.js';
import { type House, openHouse } from '../../harness/house.js';
import { type TestKey, makeKey } from '../../harness/keys.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { type FeedHarness, feedHarness } from '../../harness/owner-feeds.js';
import { leastMs } from '../../harness/prompt.js';
import { until } from '../../harness/until.js';
import { numbers } from '../../harness/watched-jobs.js';

/** A revocation is felt within a second; a busy machine gets another. */
const feltWithinMs = 2_000;

interface Frame {
  feed?: { after: number } | null;
  entry?: OwnerEvent;
  error?: { code: string };
}

let house: House;
let feed: FeedHarness;
const sockets: WebSocket[] = [];

beforeAll(async () => {
  house = await openHouse();
  feed = feedHarness(house);
});
afterEach(() => {
  feed.cutAll();
  for (const socket of sockets.splice(0)) socket.terminate();
});
afterAll(() => house.close());

const watch = (key: TestKey, after?: number) =>
  feed.watch({ headers: key.headers, ...(after === undefined ? {} : { after }) });

async function connect(key: TestKey) {
  const address = `${house.url.replace(/^http/, 'ws')}/v1/events`;
  const socket = new WebSocket(address, { headers: key.headers });
  sockets.push(socket);
  const frames: Frame[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Frame));
  await once(socket, 'open');
  return {
    socket,
    frames,
    say: (frame: unknown) => socket.send(JSON.stringify(frame)),
    entries: () => frames.flatMap(({ entry }) => entry ?? []),
  };
}

it('an owner sees what becomes of their own jobs and of no others', async () => {
  const [anna, ben] = await Promise.all([makeKey(house.db, 'anna'), makeKey(house.db, 'ben')]);
  const [hers, his] = await Promise.all([watch(anna, 0), watch(ben, 0)]);
  const socket = await connect(ben);
  socket.say({ feed: { after: 0 } });
  const job = await feed.tell('anna');
  const other = await feed.tell('ben');
  await feed.tell('anna', job);
  await Promise.all([hers.upTo(2), his.upTo(1)]);
  await until(() => socket.entries().length === 1, { what: 'the entry has come on the socket' });
  expect(hers.events.map((entry) => [entry.seq, entry.job])).toEqual([
    [1, job],
    [2, job],
  ]);
  expect([...his.events, ...socket.entries()].map((entry) => [entry.seq, entry.job])).toEqual([
    [1, other],
    [1, other],
  ]);
  const page = await house.request<FeedPage>('GET', '/v1/events?after=0', undefined, ben.headers);
  expect(page.body).toMatchObject({ items: [{ seq: 1, job: other }], nextAfter: 1 });
});

it('all keys of an owner see the same, each resumed by its own number', async () => {
  const [one, two] = await Promise.all([makeKey(house.db, 'carl'), makeKey(house.db, 'carl')]);
  await feed.tell('carl');
  const [all, rest] = await Promise.all([watch(one, 0), watch(two, 1)]);
  await feed.tell('carl');
  await Promise.all([all.upTo(2), rest.upTo(2)]);
  expect([numbers(all.events), numbers(rest.events)]).toEqual([[1, 2], [2]]);
});

it('a revoked key ends its streams and sockets, and no others', async () => {
  const kept = await makeKey(house.db, 'dora');
  const goesOn = await watch(kept, 0);
  const least = await leastMs(feltWithinMs, async () => {
    const revoked = await makeKey(house.db, 'dora');
    const ends = await watch(revoked, 0);
    const { socket, frames, say } = await connect(revoked);
    say({ feed: {} });
    await until(() => frames.length > 0, { what: 'the feed is followed' });
    const closed = once(socket, 'close');
    const from = performance.now();
    await revoked.revoke();
    await ends.untilClosed();
    const tookMs = performance.now() - from;
    expect(ends.problem).toMatchObject({ code: 'unauthenticated', status: 401 });
    expect((await closed)[0]).toBe(1008);
    expect(frames.at(-1)?.error?.code).toBe('unauthenticated');
    await until(async () => (await watch(revoked)).status === 401, { what: 'the key is refused' });
    return tookMs;
  });
  expect(least).toBeLessThan(feltWithinMs);
  await feed.tell('dora');
  await goesOn.upTo(1);
});

it('a socket follows the feed from now, from a number or no more, as it is told', async () => {
  const key = await makeKey(house.db, 'emil');
  await feed.tell('emil');
  const { frames, say, entries } = await connect(key);
  say({ feed: {} });
  await until(() => frames.length === 1, { what: 'the feed is followed' });
  expect(frames[0]).toEqual({ feed: { after: 1 } });
  const job = await feed.tell('emil');
  await until(() => entries().length === 1, { what: 'the new entry has come' });
  expect(entries()[0]).toMatchObject({ seq: 2, job, jobType: 'extractArticle', subject: 'a lighthouse' });
  say({ feed: { after: 0 } });
  await until(() => entries().length === 3, { what: 'the feed is followed anew' });
  expect(numbers(entries())).toEqual([2, 1, 2]);
  say({ feed: null });
  say({ feed: { after: -1 } });
  await until(() => frames.at(-1)?.error, { what: 'the malformed frame is answered' });
  await feed.tell('emil');
  say({ feed: { after: 2 } });
  await until(() => entries().length === 4, { what: 'the feed is followed again' });
  expect(numbers(entries())).toEqual([2, 1, 2, 3]);
});

failOnLeftovers();
