import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createWebFetcher } from '../../activities/providers/web.js';
import { failures } from '../../job-types/contract/failures.js';
import { failureOf } from '../harness/failure-of.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { type RawAnswer, type RawWeb, startRawWeb } from '../stand-ins/raw-web.js';

const html = '<!doctype html><p>Cada mañana, Marina riega los tomates que su abuelo plantó junto al muro.';
const { signal } = new AbortController();
let answer: RawAnswer = () => '';
let server: RawWeb;
beforeAll(async () => {
  server = await startRawWeb((request) => answer(request));
});
afterAll(() => server.close());

const fetched = (path = 'page') => {
  const web = createWebFetcher({ allow: [`${server.origin}/`], cookieJars: new Map() });
  return web.fetchPage(`${server.origin}/${path}`, { signal });
};

/** An answer of these lines, and the body. */
function raw(lines: readonly string[], body: Buffer | string = html): Buffer {
  const head = ['HTTP/1.1 200 OK', 'Content-Type: text/html; charset=utf-8', ...lines, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]);
}

const { length } = Buffer.from(html);
const chunks = `${length.toString(16)}\r\n${html}\r\n0\r\n\r\n`;
const gzip = gzipSync(html);
const ofFields = Buffer.concat([
  Buffer.from([0x1f, 0x8b, 8, 4 + 8 + 16 + 2, 0, 0, 0, 0, 0, 3, 2, 0, 9, 9]),
  Buffer.from('a.html\0a comment\0'),
  Buffer.from([0, 0]),
  gzip.subarray(10, -8),
]);
const encoded = (name: string): string => `Content-Encoding: ${name}`;

describe('an answer that browsers take', () => {
  it.each<[what: string, lines: string[], body?: Buffer | string]>([
    ['without a check sum', [encoded('gzip')], gzip.subarray(0, -8)],
    ['with half a check sum', [encoded('gzip')], gzip.subarray(0, -3)],
    ['with a wrong check sum', [encoded('gzip')], Buffer.concat([gzip.subarray(0, -8), Buffer.alloc(8, 1)])],
    ['with something after its check sum', [encoded('gzip')], Buffer.concat([gzip, Buffer.from('more')])],
    ['with every field of a gzip header and no check sum', [encoded('gzip')], ofFields],
    [
      'in two parts of gzip',
      [encoded('gzip')],
      Buffer.concat([gzipSync(html.slice(0, 30)), gzipSync(html.slice(30))]),
    ],
    ['under the name of a charset', [encoded('UTF-8')]],
    ['under a name of nothing', [encoded('none')]],
    ['under the name of gzip, and plain', [encoded('gzip')]],
    ['under the name of brotli, and plain', [encoded('br')]],
    ['under the name of brotli, and gzip', [encoded('br')], gzip],
    ['under the name of deflate, and gzip', [encoded('deflate')], gzip],
    ['as deflate', [encoded('deflate')], deflateSync(html)],
    ['as deflate without a header', [encoded('deflate')], deflateRawSync(html)],
    ['as brotli', [encoded('br')], brotliCompressSync(html)],
    ['as zstd', [encoded('zstd')], zstdCompressSync(html)],
    ['as gzip, and says nothing', [], gzip],
    ['encoded once, and says so twice', [encoded('gzip'), encoded('gzip')], gzip],
    ['encoded twice', [encoded('gzip, gzip')], gzipSync(gzip)],
    ['with its length twice', [`Content-Length: ${length}`, `Content-Length: ${length}`]],
    ['with its length twice in a line', [`Content-Length: ${length}, ${length}`]],
    ['with its type twice', ['Content-Type: text/html; charset=utf-8']],
    ['with a length and chunks', [`Content-Length: 5`, 'Transfer-Encoding: chunked'], chunks],
    ['with chunks, said twice', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], chunks],
    ['with the encoding "identity"', ['Transfer-Encoding: identity']],
    ['with a space in a name', ['X Cache Status: HIT']],
    ['with a space behind a name', [`Content-Length : ${length}`]],
    ['with a line that is no header', ['this is no header']],
    ['with a header without a name', [': nothing']],
    ['with a name in another script', ['X-Größe: 1']],
    ['with control characters in a value', ['X-Odd: a\x01b\x7fc\x00d']],
    ['with a value that goes on in the next line', ['X-Long: one', '  two']],
    ['that offers another protocol', ['Connection: Upgrade', 'Upgrade: h2,h2c']],
    ['with a cookie that is none', ['Set-Cookie: =; =']],
  ])('(%s) is a page', async (_, lines, body = html) => {
    answer = () => raw(lines, body);
    expect((await fetched()).body).toBe(html);
  });

  it.each<[what: string, text: string]>([
    ['line feeds alone', `HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: ${length}\n\n${html}`],
    ['no reason', `HTTP/1.1 200\r\nContent-Type: text/html\r\n\r\n${html}`],
    ['early hints', `HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${raw([]).toString()}`],
    ['an empty line before it', `\r\n${raw([]).toString()}`],
    ['the older version', raw([]).toString().replace('HTTP/1.1', 'HTTP/1.0')],
  ])('with %s is a page', async (_, text) => {
    answer = () => text;
    expect((await fetched()).body).toBe(html);
  });

  it('with a control character in its text is a page', async () => {
    answer = () => raw([], html.replace('Cada', 'Ca\vda\x01'));
    expect((await fetched()).content).toBe('html');
  });
});

describe('an answer that is refused', () => {
  it.each<[what: string, bytes: Buffer]>([
    ['says two lengths', raw(['Content-Length: 5', 'Content-Length: 9'])],
    ['has a length that is no number', raw(['Content-Length: many'])],
    ['is encoded as it does not say', raw([encoded('gzip')], Buffer.from([1, 2, 3, 4, 5, 6]))],
    ['is encoded in a way nobody knows', raw([encoded('compress')], Buffer.from([0x1f, 0x9d, 3, 4, 5, 6]))],
    [
      'is broken in the middle of gzip',
      raw([encoded('gzip')], Buffer.concat([gzip.subarray(0, 12), Buffer.alloc(40, 0xff)])),
    ],
    ['has chunks of no size', raw(['Transfer-Encoding: chunked'], 'zz\r\nhello')],
    ['is no HTTP', Buffer.from('SSH-2.0-OpenSSH\r\n')],
  ])('since it %s is refused at once', async (_, bytes) => {
    answer = () => bytes;
    const { code } = await failureOf(fetched());
    expect({ code, retryable: failures[code].retryable }).toMatchObject({ retryable: false });
  });

  it('is tried again when it only broke off', async () => {
    answer = () => raw([encoded('gzip')], gzip.subarray(0, -20));
    const { code } = await failureOf(fetched());
    expect(failures[code].retryable).toBe(true);
  });
});

describe('a cookie that is set on the way', () => {
  /** Sends everybody back to the same address who does not have this cookie. */
  const gate =
    (setCookie: string, wanted: string): RawAnswer =>
    ({ head }) =>
      head.includes(wanted)
        ? raw([])
        : `HTTP/1.1 302 Found\r\nLocation: /page\r\nSet-Cookie: other=1\r\nSet-Cookie: ${setCookie}\r\nContent-Length: 0\r\n\r\n`;

  it.each([
    'seen=1',
    'seen=1; Path=/; HttpOnly; SameSite=Lax',
    'seen=1; Max-Age=60',
    'seen=1; Domain=127.0.0.1',
  ])('(%s) is shown to the same site', async (setCookie) => {
    answer = gate(setCookie, 'seen=1');
    expect((await fetched()).body).toBe(html);
  });

  it.each(['seen=1; Domain=example.org', 'seen=1; Path=/other', 'seen=1; Secure', 'seen=1; Max-Age=0'])(
    '(%s) is not shown where it does not belong',
    async (setCookie) => {
      answer = gate(setCookie, 'seen=1');
      expect(await failureOf(fetched())).toMatchObject({ code: 'too-many-redirects' });
    },
  );

  it('is forgotten with the fetch', async () => {
    answer = gate('seen=1', 'seen=1');
    await fetched();
    const before = server.requests.length;
    await fetched();
    expect(server.requests[before]).not.toContain('seen=1');
  });
});

failOnLeftovers();
