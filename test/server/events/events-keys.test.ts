import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { createApiKeys } from '../../../store/api-keys.js';
import { type EventStream, openStream } from '../../harness/event-stream.js';
import { type House, openHouse } from '../../harness/house.js';
import { type TestKey, makeKey } from '../../harness/keys.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { leastMs } from '../../harness/prompt.js';
import { until } from '../../harness/until.js';
import { type WatchedJobs, watchedJobs } from '../../harness/watched-jobs.js';
import { whileBusy } from '../../harness/while-busy.js';

/** A revocation is felt within a second; a busy machine gets another. */
const feltWithinMs = 2_000;

let house: House;
let jobs: WatchedJobs;
const streams: EventStream[] = [];

beforeAll(async () => {
  house = await openHouse();
  jobs = watchedJobs(house);
});
afterEach(() => {
  jobs.cutAll();
  for (const stream of streams.splice(0)) stream.cut();
});
afterAll(() => house.close());

async function submit(key: TestKey): Promise<string> {
  const input = { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' };
  const { body } = await house.start({ type: 'extractArticle', input }, key.headers);
  return body.id;
}

const watch = (id: string, key: TestKey) => jobs.watch(id, { headers: key.headers });
const socketOf = (key: TestKey) =>
  new WebSocket(`${house.url.replace(/^http/, 'ws')}/v1/events`, { headers: key.headers });

it('a stream that was opened without a key ends when there is a first key', async () => {
  const least = await leastMs(feltWithinMs, async () => {
    // As `npm run keys -- off` does it.
    await createApiKeys(house.db).removeAll();
    const isOpen = async () => (await house.request('GET', '/v1/jobs')).status === 200;
    await until(isOpen, { what: 'the API asks for no key' });
    const stream = await whileBusy(
      async () => openStream(`${house.url}/v1/jobs/${(await house.submit()).id}/events`),
      ({ status }) => status,
    );
    streams.push(stream);
    const key = await makeKey(house.db, 'anna');
    const from = performance.now();
    await stream.untilClosed();
    const tookMs = performance.now() - from;
    expect(stream.problem?.code).toBe('unauthenticated');
    await key.revoke();
    return tookMs;
  });
  expect(least).toBeLessThan(feltWithinMs);
});

it('the events of another owner are not there, streamed, paged or on a socket', async () => {
  const [anna, ben] = await Promise.all([makeKey(house.db, 'anna'), makeKey(house.db, 'ben')]);
  const id = await submit(anna);
  expect((await watch(id, anna)).status).toBe(200);
  expect((await watch(id, ben)).status).toBe(404);
  const page = await house.request('GET', `/v1/jobs/${id}/events`, undefined, ben.headers);
  expect([page.status, page.body]).toMatchObject([404, { code: 'job-not-found' }]);
  const socket = socketOf(ben);
  await once(socket, 'open');
  socket.send(JSON.stringify({ subscribe: [{ job: id }] }));
  const [frame] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(frame.toString())).toMatchObject({ job: id, error: { code: 'job-not-found' } });
  socket.terminate();
});

it('a revoked key ends its streams and sockets, and no others', async () => {
  const kept = await makeKey(house.db, 'anna');
  const id = await submit(kept);
  const goesOn = await watch(id, kept);
  const least = await leastMs(feltWithinMs, async () => {
    const revoked = await makeKey(house.db, 'anna');
    const ends = await watch(id, revoked);
    const socket = socketOf(revoked);
    await once(socket, 'open');
    const frames: string[] = [];
    socket.on('message', (data: Buffer) => frames.push(data.toString()));
    const closed = once(socket, 'close');
    const from = performance.now();
    await revoked.revoke();
    await ends.untilClosed();
    const tookMs = performance.now() - from;
    expect(ends.problem).toMatchObject({ code: 'unauthenticated', status: 401 });
    expect((await closed)[0]).toBe(1008);
    expect(frames.join()).toMatch(/unauthenticated/);
    await until(async () => (await watch(id, revoked)).status === 401, { what: 'the key is refused' });
    return tookMs;
  });
  expect(least).toBeLessThan(feltWithinMs);
  await jobs.tell(id, 1);
  await goesOn.upTo(1);
});

it('a socket without a key is refused when there are keys', async () => {
  await makeKey(house.db, 'anna');
  const socket = new WebSocket(`${house.url.replace(/^http/, 'ws')}/v1/events`);
  const [error] = (await once(socket, 'error')) as [Error];
  expect(error.message).toMatch(/401/);
});

failOnLeftovers();
