import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseCookieJar } from '../../activities/providers/web/cookie-jar.js';
import { createWebFetcher } from '../../activities/providers/web.js';
import { failureOf } from '../harness/failure-of.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { startHostileWeb, type HostileWeb } from '../stand-ins/hostile-web.js';

const line = (...fields: (string | number)[]): string => fields.join('\t');
const now = Date.parse('2026-11-23T12:00:00Z');
const inAnHour = now / 1000 + 3600;
const anHourAgo = now / 1000 - 3600;

describe('a cookie', () => {
  it.each([
    [
      'of the host',
      line('elpais.com', 'FALSE', '/', 'FALSE', inAnHour, 'a', '1'),
      'http://elpais.com/x',
      'a=1',
    ],
    [
      'of the host, asked below it',
      line('elpais.com', 'FALSE', '/', 'FALSE', inAnHour, 'a', '1'),
      'http://www.elpais.com/',
      null,
    ],
    [
      'of the domain',
      line('.elpais.com', 'TRUE', '/', 'FALSE', inAnHour, 'a', '1'),
      'http://www.elpais.com/',
      'a=1',
    ],
    [
      'of the domain, asked by its name',
      line('.elpais.com', 'TRUE', '/', 'FALSE', inAnHour, 'a', '1'),
      'http://elpais.com/',
      'a=1',
    ],
    [
      'of the domain in capitals',
      line('.ElPais.com', 'TRUE', '/', 'FALSE', inAnHour, 'a', '1'),
      'http://elpais.com/',
      'a=1',
    ],
    [
      'of another domain with the same end',
      line('.elpais.com', 'TRUE', '/', 'FALSE', inAnHour, 'a', '1'),
      'http://notelpais.com/',
      null,
    ],
    [
      'of a domain that has it inside',
      line('.elpais.com', 'TRUE', '/', 'FALSE', inAnHour, 'a', '1'),
      'http://elpais.com.evil.example/',
      null,
    ],
    ['of all of "com"', line('.com', 'TRUE', '/', 'FALSE', inAnHour, 'a', '1'), 'http://elpais.com/', null],
    [
      'of the end of an address',
      line('.0.0.1', 'TRUE', '/', 'FALSE', inAnHour, 'a', '1'),
      'http://127.0.0.1/',
      null,
    ],
    [
      'of a folder',
      line('x.org', 'FALSE', '/news', 'FALSE', inAnHour, 'a', '1'),
      'http://x.org/news/1',
      'a=1',
    ],
    [
      'of a folder, asked for itself',
      line('x.org', 'FALSE', '/news', 'FALSE', inAnHour, 'a', '1'),
      'http://x.org/news',
      'a=1',
    ],
    [
      'of a folder with the same start',
      line('x.org', 'FALSE', '/news', 'FALSE', inAnHour, 'a', '1'),
      'http://x.org/newspaper',
      null,
    ],
    [
      'for https, over https',
      line('x.org', 'FALSE', '/', 'TRUE', inAnHour, 'a', '1'),
      'https://x.org/',
      'a=1',
    ],
    ['for https, over http', line('x.org', 'FALSE', '/', 'TRUE', inAnHour, 'a', '1'), 'http://x.org/', null],
    ['that is over', line('x.org', 'FALSE', '/', 'FALSE', anHourAgo, 'a', '1'), 'http://x.org/', null],
    ['of a session', line('x.org', 'FALSE', '/', 'FALSE', 0, 'a', '1'), 'http://x.org/', 'a=1'],
    [
      'hidden from scripts',
      line('#HttpOnly_x.org', 'FALSE', '/', 'FALSE', 0, 'a', '1'),
      'http://x.org/',
      'a=1',
    ],
    ['without a value', line('x.org', 'FALSE', '/', 'FALSE', 0, 'a', ''), 'http://x.org/', 'a='],
    ['in a comment', line('# x.org', 'FALSE', '/', 'FALSE', 0, 'a', '1'), 'http://x.org/', null],
    [
      'with a second header in it',
      line('x.org', 'FALSE', '/', 'FALSE', 0, 'a', '1\rX-Evil: 1'),
      'http://x.org/',
      null,
    ],
    [
      'with a second cookie in it',
      line('x.org', 'FALSE', '/', 'FALSE', 0, 'a', '1; b=2'),
      'http://x.org/',
      null,
    ],
    ['that is not seven columns', 'x.org a=1', 'http://x.org/', null],
  ])('%s', (_, text, url, header) => {
    expect(parseCookieJar(`# Netscape HTTP Cookie File\r\n\r\n${text}\r\n`).header(new URL(url), now)).toBe(
      header,
    );
  });

  it('of a longer path goes first', () => {
    const jar = parseCookieJar(
      [
        line('x.org', 'FALSE', '/', 'FALSE', 0, 'a', '1'),
        line('x.org', 'FALSE', '/n', 'FALSE', 0, 'b', '2'),
      ].join('\n'),
    );
    expect(jar.header(new URL('http://x.org/n/1'))).toBe('b=2; a=1');
  });
});

describe('a job that names a cookie jar', () => {
  let folder: string;
  let server: HostileWeb;
  let other: HostileWeb;
  const { signal } = new AbortController();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longhaul-cookies-'));
    [server, other] = await Promise.all([startHostileWeb(), startHostileWeb()]);
  });
  afterAll(async () => {
    await Promise.all([server.close(), other.close()]);
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    server.requests.length = 0;
    other.requests.length = 0;
    await writeFile(
      join(folder, 'cookies.txt'),
      line('paper.example', 'FALSE', '/', 'FALSE', 0, 'session', 's3cret'),
    );
  });

  const port = (web: HostileWeb): string => new URL(web.origin).port;
  const paper = (path: string): string => `http://paper.example:${port(server)}/open/${path}`;
  const elsewhere = (path: string): string => `http://elsewhere.example:${port(other)}/open/${path}`;
  const web = () =>
    createWebFetcher({
      allow: [paper(''), elsewhere('')],
      cookieJars: new Map([
        ['firefox', join(folder, 'cookies.txt')],
        ['gone', join(folder, 'gone.txt')],
      ]),
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    });

  it('sends its cookies', async () => {
    const page = await web().fetchPage(paper('article'), { browser: 'firefox', signal });
    expect(server.requests).toEqual([{ path: '/open/article', cookie: 'session=s3cret' }]);
    expect(page.notes).toEqual([]);
  });

  it('sends none without the name', async () => {
    await web().fetchPage(paper('article'), { signal });
    expect(server.requests).toEqual([{ path: '/open/article', cookie: undefined }]);
  });

  it('sees what the file says now', async () => {
    const fetcher = web();
    await fetcher.fetchPage(paper('article'), { browser: 'firefox', signal });
    await writeFile(
      join(folder, 'cookies.txt'),
      line('paper.example', 'FALSE', '/', 'FALSE', 0, 'session', 'renewed'),
    );
    await fetcher.fetchPage(paper('article'), { browser: 'firefox', signal });
    expect(server.requests.map(({ cookie }) => cookie)).toEqual(['session=s3cret', 'session=renewed']);
  });

  it('sends none where a redirect leads to another host, and says so', async () => {
    const start = paper(`to?url=${encodeURIComponent(elsewhere('article'))}`);
    const page = await web().fetchPage(start, { browser: 'firefox', signal });
    expect(server.requests[0]?.cookie).toBe('session=s3cret');
    expect(other.requests).toEqual([{ path: '/open/article', cookie: undefined }]);
    expect(page.notes).toEqual([expect.stringContaining('has no cookie for elsewhere.example')]);
  });

  it.each([
    ['chrome', 'There is no cookie jar named "chrome"'],
    ['gone', 'The cookie jar "gone" could not be read (ENOENT)'],
    ['constructor', 'There is no cookie jar named "constructor"'],
  ])('(%s) that is not there goes without, and says so', async (browser, note) => {
    const page = await web().fetchPage(paper('article'), { browser, signal });
    expect(page.notes).toEqual([`${note}; fetched without cookies.`]);
    expect(server.requests).toEqual([{ path: '/open/article', cookie: undefined }]);
  });

  it('is not asked again without cookies when the connection breaks', async () => {
    const failure = await failureOf(web().fetchPage(paper('reset'), { browser: 'firefox', signal }));
    expect(failure.code).toBe('unreachable');
    expect(failure.message).not.toContain('s3cret');
    expect(server.requests).toHaveLength(1);
  });
});

failOnLeftovers();
