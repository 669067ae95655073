import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createWebFetcher } from '../../activities/providers/web.js';
import { createPageRooms } from '../../activities/providers/web/page-room.js';
import { failureOf } from '../harness/failure-of.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';

const smallBytes = 1_000;
const { signal } = new AbortController();

describe('a room', () => {
  it('is there at once for small pages, however many there are', () => {
    const rooms = createPageRooms({ smallBytes, largeAtOnce: 1 });
    for (let n = 0; n < 100; n += 1) expect(rooms.open().grow(smallBytes, signal)).toBeNull();
  });

  it('is given to larger pages in the order in which they ask', async () => {
    const rooms = createPageRooms({ smallBytes, largeAtOnce: 1 });
    const [first, second, third] = [rooms.open(), rooms.open(), rooms.open()];
    const order: string[] = [];
    expect(first.grow(smallBytes + 1, signal)).toBeNull();
    expect(first.grow(smallBytes, signal)).toBeNull();
    const had = [second, third].map(async (room, place) => {
      await room.grow(smallBytes + 1, signal);
      order.push(['second', 'third'][place] ?? '');
      expect(room.waits).toBe(false);
      room.leave();
    });
    expect([second.waits, third.waits]).toEqual([true, true]);
    first.leave();
    await Promise.all(had);
    expect(order).toEqual(['second', 'third']);
    expect(rooms.open().grow(smallBytes + 1, signal)).toBeNull();
  });

  it('is not kept for who gave up waiting', async () => {
    const rooms = createPageRooms({ smallBytes, largeAtOnce: 1 });
    const [first, second, third] = [rooms.open(), rooms.open(), rooms.open()];
    expect(first.grow(smallBytes + 1, signal)).toBeNull();
    const impatient = new AbortController();
    const waiting = second.grow(smallBytes + 1, impatient.signal);
    const behind = third.grow(smallBytes + 1, signal);
    impatient.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
    second.leave();
    first.leave();
    await behind;
    expect(third.waits).toBe(false);
  });
});

describe('pages that are fetched side by side', () => {
  const largeBytes = 2_000_000;
  let server: Server;
  let origin: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const body = request.url === '/large' ? Buffer.alloc(largeBytes, 'a') : 'small';
      response.writeHead(200, { 'content-type': 'text/plain' }).end(body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });

  const fetcher = (totalMs = 20_000) =>
    createWebFetcher({ allow: [`${origin}/`], cookieJars: new Map(), limits: { totalMs } });

  it('wait for room when they are large, and are whole when they have had it', async () => {
    const web = fetcher();
    const rooms = createPageRooms({ smallBytes, largeAtOnce: 1 });
    const pages = Array.from({ length: 3 }, () => {
      const room = rooms.open();
      return { room, page: web.fetchPage(`${origin}/large`, { room, signal }) };
    });
    const waiting = () => pages.filter(({ room }) => room.waits).length;
    await until(() => waiting() === 2, { what: 'two of them wait' });
    const small = rooms.open();
    expect((await web.fetchPage(`${origin}/small`, { room: small, signal })).body).toBe('small');
    expect(waiting()).toBe(2);
    // Whoever has room leaves it when its page has been read.
    await Promise.all(
      pages.map(async ({ room, page }) => {
        expect((await page).body).toHaveLength(largeBytes);
        room.leave();
      }),
    );
  });

  it('say why they did not arrive when there was no room for too long', async () => {
    const rooms = createPageRooms({ smallBytes, largeAtOnce: 1 });
    expect(rooms.open().grow(smallBytes + 1, signal)).toBeNull();
    let totalMs = 100;
    // A busy machine may spend a short time before the page asks for room.
    const failure = await until(
      async () => {
        totalMs *= 2;
        const page = fetcher(totalMs).fetchPage(`${origin}/large`, { room: rooms.open(), signal });
        const { code, message } = await failureOf(page);
        return message.includes('busy with other large pages') && { code };
      },
      { what: 'the time ends while it waits for room' },
    );
    expect(failure.code).toBe('fetch-timed-out');
  });
});

failOnLeftovers();
