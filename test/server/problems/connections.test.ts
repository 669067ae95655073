import { METHODS } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApiProcess } from '../../harness/api-process.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { problemIn } from '../../harness/problem.js';
import { leastMs } from '../../harness/prompt.js';
import {
  type RawConnection,
  type RawReply,
  rawConnection,
  requestCase,
  sendRaw,
} from '../../harness/raw-connection.js';
import { until } from '../../harness/until.js';

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const host = 'Host: 127.0.0.1\r\n';
const ping = `GET /healthz HTTP/1.1\r\n${host}\r\n`;
const mebibyte = Buffer.alloc(1024 * 1024, 0x20);

const head = (path: string, lines: string, method = 'POST') =>
  `${method} ${path} HTTP/1.1\r\n${host}${lines}\r\n`;
const json = 'Content-Type: application/json\r\n';

const one = ([reply]: RawReply[]): RawReply => {
  if (!reply) throw new Error('there is no answer');
  return reply;
};

describe('a client that writes all of a large body before it reads', () => {
  const mebibytes = 12;
  const length = `Content-Length: ${mebibytes * mebibyte.length}\r\n`;
  const chunk = [`${mebibyte.length.toString(16)}\r\n`, mebibyte, '\r\n'];
  const whole: [string, string, (string | Uint8Array)[]][] = [
    ['with its length', length, Array<Uint8Array>(mebibytes).fill(mebibyte)],
    [
      'in chunks',
      'Transfer-Encoding: chunked\r\n',
      [...Array.from({ length: mebibytes }, () => chunk).flat(), '0\r\n\r\n'],
    ],
  ];

  describe.each(whole)('%s', (_, lines, body) => {
    it.each<[string, string, number]>([
      ['/v1/jobs', json, 413],
      ['/v1/jobs/nope/cancel', json, 413],
      ['/v1/jobs/nope/retry', json, 413],
      ['/api/articles/extract', json, 413],
      ['/v1/jobs', 'Content-Type: text/plain\r\n', 415],
      ['/v1/jobs', `${json}Content-Encoding: gzip\r\n`, 415],
      ['/nope', json, 413],
      ['/nope', 'Content-Type: text/plain\r\n', 404],
    ])('reads how %s refuses it, and asks on', async (path, type, status) => {
      const [refusal, next] = await sendRaw(house.url, [head(path, type + lines), ...body, ping], 2);
      expect(refusal && problemIn(refusal).status).toBe(status);
      expect(next?.statusCode).toBe(200);
    });
  });

  it.each([
    ['asks to close the connection', 'HTTP/1.1', 'Connection: close\r\n'],
    ['speaks HTTP/1.0', 'HTTP/1.0', ''],
  ])('reads it when it %s, which then is closed', async (_, version, lines) => {
    const [, stated, body] = whole[0] ?? ['', '', []];
    const connection = await rawConnection(house.url);
    await connection.write(head('/v1/jobs', json + stated + lines).replace('HTTP/1.1', version));
    for (const piece of body) await connection.write(piece);
    expect(problemIn(one(await connection.replies())).status).toBe(413);
    // Before a connection that is kept alive would be.
    await connection.closed(60_000);
    connection.socket.destroy();
  });

  it('is cut off when it does not come to an end, by bytes and by time', async () => {
    const endless = head('/v1/jobs', `${json}Content-Length: 1000000000000\r\n`);
    const fast = await rawConnection(house.url);
    await fast.write(endless);
    let sent = 0;
    const broken = async (): Promise<boolean> => {
      try {
        for (; sent < 1_000; sent += 1) await fast.write(mebibyte);
        return false;
      } catch {
        return true;
      }
    };
    expect(await broken()).toBe(true);
    expect(sent).toBeLessThan(200);
    const slow = await rawConnection(house.url);
    await slow.write(endless);
    expect(problemIn(one(await slow.replies())).status).toBe(413);
    await slow.closed(60_000);
    for (const { socket } of [fast, slow]) socket.destroy();
  });
});

describe('Expect', () => {
  const body = '{"type":"nope"}';
  it('is answered for a body that can be taken, and what else is expected is passed over', async () => {
    const lines = `${json}Content-Length: ${body.length}\r\n`;
    const [proceed, answer] = await sendRaw(
      house.url,
      [head('/v1/jobs', `${lines}Expect: 100-continue\r\n`), body],
      2,
    );
    expect(proceed?.statusCode).toBe(100);
    expect(answer && problemIn(answer).code).toBe('unknown-job-type');
    const other = await sendRaw(house.url, [head('/v1/jobs', `${lines}Expect: miracles\r\n`), body]);
    expect(problemIn(one(other)).code).toBe('unknown-job-type');
  });

  it('is refused for one that is too large, before it is sent', async () => {
    const lines = `${json}Content-Length: 9999999\r\nExpect: 100-continue\r\n`;
    expect(problemIn(one(await sendRaw(house.url, [head('/v1/jobs', lines)]))).status).toBe(413);
  });
});

describe('what is no proper request is refused as a problem', () => {
  it.each<[string, string, number]>([
    ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
    ['no host on a route with a body', `POST /v1/jobs HTTP/1.1\r\n${json}Content-Length: 2\r\n\r\n{}`, 400],
    ['NUL in the address', `GET /v1/jobs/a\0b HTTP/1.1\r\n${host}\r\n`, 400],
    ['NUL in a header', `GET /v1/jobs HTTP/1.1\r\n${host}X: a\0b\r\n\r\n`, 400],
    ['a length that is no number', head('/v1/jobs', `${json}Content-Length: ten\r\n`), 400],
    ['a length below nothing', head('/v1/jobs', `${json}Content-Length: -1\r\n`), 400],
    ['a length beyond counting', head('/v1/jobs', `${json}Content-Length: 99999999999999999999999\r\n`), 400],
    ['a length of half the world', head('/v1/jobs', `${json}Content-Length: 9007199254740993\r\n`), 413],
    ['two lengths', head('/v1/jobs', `${json}Content-Length: 2\r\nContent-Length: 3\r\n`), 400],
    ['a length, and chunks', head('/v1/jobs', 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n'), 400],
    ['a chunk without a size', `${head('/v1/jobs', `${json}Transfer-Encoding: chunked\r\n`)}x\r\n`, 400],
    ['another coding', head('/v1/jobs', `${json}Transfer-Encoding: gzip\r\n`), 400],
    ['another version', `GET /healthz HTTP/9.9\r\n${host}\r\n`, 400],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['a header without a colon', `GET /healthz HTTP/1.1\r\n${host}nonsense\r\n\r\n`, 400],
    ['a space before the colon', `GET /healthz HTTP/1.1\r\n${host}X : a\r\n\r\n`, 400],
    ['a method nobody knows', `BREW /healthz HTTP/1.1\r\n${host}\r\n`, 400],
    ['a tunnel', `CONNECT example.org:443 HTTP/1.1\r\n${host}\r\n`, 400],
    ['headers for a novel', `GET /healthz HTTP/1.1\r\n${host}${'X: y\r\n'.repeat(20_000)}\r\n`, 431],
    ['an address without end', `GET /${'x'.repeat(200_000)} HTTP/1.1\r\n${host}\r\n`, 431],
    ['the whole server', `OPTIONS * HTTP/1.1\r\n${host}\r\n`, 404],
    ['bad percent signs', `GET /healthz/%E0%A4%A HTTP/1.1\r\n${host}\r\n`, 400],
    ['bad percent signs behind an open route', `GET /problems/%zz HTTP/1.1\r\n${host}\r\n`, 400],
    ['a field twice', `GET /v1/jobs?pageSize=1&pageSize=2 HTTP/1.1\r\n${host}\r\n`, 422],
    ['a field that is a list', `GET /v1/jobs?pageSize[]=1 HTTP/1.1\r\n${host}\r\n`, 422],
    [
      'a key twice',
      head('/v1/jobs', 'Idempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 0\r\n'),
      400,
    ],
  ])('%s', async (_, request, status) => {
    expect(problemIn(one(await sendRaw(house.url, [Buffer.from(request, 'latin1')]))).status).toBe(status);
  });

  it.each(['/v1/jobs?createdAfter', '/v1/jobs?createdBefore', '/v1/usage?from', '/v1/usage?to'])(
    '%s with a plus sign that was not escaped, which is told how to write',
    async (field) => {
      const request = requestCase('a04-plus-in-time.request').replace('/v1/jobs?createdAfter', field);
      const problem = problemIn(one(await sendRaw(house.url, [request])));
      expect([problem.status, JSON.stringify(problem.errors)]).toEqual([422, expect.stringContaining('%2B')]);
      const escaped = one(await sendRaw(house.url, [request.replace('+', '%2B')]));
      expect(escaped.statusCode).toBe(200);
    },
  );

  it('every method, on a route and beside all routes', async () => {
    const unknown = METHODS.filter((method) => method !== 'CONNECT' && method !== 'HEAD');
    for (const method of unknown) {
      for (const path of method === 'GET' || method === 'POST'
        ? ['/nope']
        : ['/v1/jobs', '/healthz', '/nope']) {
        const reply = one(await sendRaw(house.url, [head(path, 'Content-Length: 0\r\n', method)]));
        // A QUERY without a type is refused before anybody looks for its route.
        const status = method === 'QUERY' ? 400 : 404;
        expect([method, path, problemIn(reply).status]).toEqual([method, path, status]);
      }
    }
  });
});

it('nonsense behind a request whose answer is a stream ends the stream, and is no part of it', async () => {
  const { id } = await house.submit();
  const { socket, write } = await rawConnection(house.url);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await write(head(`/v1/jobs/${id}/events`, 'Accept: text/event-stream\r\n', 'GET'));
  await until(() => text.includes('retry: '), { what: 'the stream has begun' });
  await write('nonsense\r\n\r\n');
  await until(() => socket.readableEnded || socket.destroyed, { what: 'the stream has ended' });
  socket.destroy();
  expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
});

describe('a WebSocket that cannot be opened is refused as a problem', () => {
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
  const version = 'Sec-WebSocket-Version: 13\r\n';

  it.each<[string, string, string]>([
    ['no key', 'GET', version],
    ['a key that is none', 'GET', `${version}Sec-WebSocket-Key: a\r\n`],
    ['no version', 'GET', key],
    ['a version to come', 'GET', `${key}Sec-WebSocket-Version: 99\r\n`],
    ['a protocol that is none', 'GET', `${key}${version}Sec-WebSocket-Protocol: a,,b\r\n`],
    ['another method', 'POST', key + version],
  ])('%s', async (_, method, lines) => {
    const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\n${lines}`;
    const reply = one(await sendRaw(house.url, [head('/v1/events', upgrade, method)]));
    expect(problemIn(reply)).toMatchObject({ status: 400, code: 'malformed-request' });
    expect(reply.headers['sec-websocket-version']).toMatch(/13/);
  });
});

describe('a request that is odd and clear is answered', () => {
  it.each<[string, string, number]>([
    ['HTTP/1.0 without a host', 'GET /healthz HTTP/1.0\r\n\r\n', 200],
    ['an absolute address', `GET http://127.0.0.1/healthz HTTP/1.1\r\n${host}\r\n`, 200],
    [
      '3,000 headers, the host last',
      `GET /v1/job-types HTTP/1.1\r\n${'a:\r\n'.repeat(3_000)}${host}\r\n`,
      200,
    ],
    [
      'an offer of HTTP/2',
      `GET /healthz HTTP/1.1\r\n${host}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n`,
      200,
    ],
    [
      'an offer of nonsense',
      `GET /v1/jobs HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: foo/2\r\n\r\n`,
      200,
    ],
    [
      'a WebSocket elsewhere',
      `GET /healthz HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      200,
    ],
    ['a GET with a body', `GET /healthz HTTP/1.1\r\n${host}${json}Content-Length: 2\r\n\r\n{}`, 200],
  ])('%s', async (_, request, status) => {
    expect(one(await sendRaw(house.url, [request])).statusCode).toBe(status);
  });

  it('several in one go are answered in order', async () => {
    const paths = ['/healthz', '/nope', '/v1/job-types', '/v1/jobs/nope', '/healthz'];
    const replies = await sendRaw(
      house.url,
      [paths.map((path) => head(path, '', 'GET')).join('')],
      paths.length,
    );
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([200, 404, 200, 404, 200]);
  });
});

it('a client that never finishes what it says is let go within half a minute, and told why', async () => {
  const withBody = `POST /v1/jobs HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 9999\r\n\r\n`;
  const beginnings = ['', 'GET /heal', `GET /healthz HTTP/1.1\r\n${host}X: `, withBody];
  const drip = async ({ socket, write }: RawConnection, beginning: string) => {
    await write(beginning);
    // The server lets go, or the test fails at its time limit.
    while (!socket.readableEnded && !socket.destroyed) {
      if (beginning !== '') await write('x').catch(() => socket.destroy());
      await pause(500);
    }
  };
  const letGo = async (beginning: string): Promise<number> => {
    const from = performance.now();
    const connection = await rawConnection(house.url);
    const dripping = drip(connection, beginning);
    expect(problemIn(one(await connection.replies(1, 90_000)))).toMatchObject({ code: 'request-timed-out' });
    const tookMs = performance.now() - from;
    await connection.closed(60_000);
    connection.socket.destroy();
    await dripping;
    return tookMs;
  };
  // Below the minute after which Node would let go by itself.
  const least = await Promise.all(beginnings.map((beginning) => leastMs(40_000, () => letGo(beginning), 3)));
  expect(Math.max(...least)).toBeLessThan(40_000);
}, 400_000);

describe('an API process that is told to end', () => {
  const body = '{"type":"nope"}';
  const begun = head('/v1/jobs', `${json}Content-Length: ${body.length}\r\n`) + body.slice(0, 5);

  it('ends, whatever connections are held open, and answers what is under way', async () => {
    const api = await startApiProcess(house.env);
    // As browsers open them ahead; broken off in the first head, and in the second.
    const idle = await Promise.all(
      ['', 'GET /heal', ping, `${ping}GET /heal`].map(async (beginning) => {
        const connection = await rawConnection(api.url);
        await connection.write(beginning);
        if (beginning.startsWith(ping)) await connection.replies();
        return connection;
      }),
    );
    const underWay = await rawConnection(api.url);
    await underWay.write(begun);
    // What was written before is there once an answer to what was written after has come.
    await sendRaw(api.url, [ping]);
    const ended = api.stop();
    for (const connection of idle) await connection.closed(60_000);
    await underWay.write(body.slice(5));
    expect(problemIn(one(await underWay.replies())).code).toBe('unknown-job-type');
    expect(await ended).toBe('SIGTERM');
    for (const { socket } of [...idle, underWay]) socket.destroy();
  });
});

failOnLeftovers();
