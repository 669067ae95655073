import { createServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createWebFetcher, type WebFetcherOptions } from '../../activities/providers/web.js';
import { failureOf } from '../harness/failure-of.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';
import { startHostileWeb, type HostileWeb } from '../stand-ins/hostile-web.js';
import { selfSigned } from '../stand-ins/self-signed.js';

let server: HostileWeb;
beforeAll(async () => {
  server = await startHostileWeb();
});
afterAll(() => server.close());

const { signal } = new AbortController();
const fetcher = (options: Partial<WebFetcherOptions> = {}) =>
  createWebFetcher({ allow: [`${server.origin}/open/`], cookieJars: new Map(), ...options });
const at = (path: string): string => `${server.origin}/open/${path}`;
const fetched = (path: string, options?: Partial<WebFetcherOptions>) =>
  fetcher(options).fetchPage(at(path), { signal });
const refused = (path: string, options?: Partial<WebFetcherOptions>) => failureOf(fetched(path, options));
const bytes = (body: Buffer | string, type?: string): string => {
  const query = new URLSearchParams({ body: Buffer.from(body).toString('base64') });
  if (type !== undefined) query.set('type', type);
  return `bytes?${query.toString()}`;
};
const noSocketsLeft = () => until(() => server.openSockets() === 0, { what: 'every socket is closed' });

describe('a page', () => {
  it('is fetched with its final address, without the fragment', async () => {
    const page = await fetched('article#middle');
    expect(page).toMatchObject({ url: at('article'), content: 'html', notes: [] });
    expect(page.body).toContain('Marina riega los tomates');
    await noSocketsLeft();
  });

  it('is reached at the address that its name had when it was checked', async () => {
    const { port } = new URL(server.origin);
    const names: string[] = [];
    const web = fetcher({
      allow: [`http://listed.example:${port}/open/`],
      resolve: async (name) => {
        names.push(name);
        return [{ address: '127.0.0.1', family: 4 }];
      },
    });
    expect(await web.fetchPage(`http://listed.example:${port}/open/article`, { signal })).toHaveProperty(
      'body',
    );
    expect(names).toEqual(['listed.example']);
  });

  it.each([
    ['404', 'page-not-found'],
    ['410', 'page-not-found'],
    ['401', 'page-forbidden'],
    ['402', 'page-forbidden'],
    ['403', 'page-forbidden'],
    ['400', 'page-refused'],
    ['451', 'page-refused'],
    ['304', 'page-refused'],
    ['500', 'page-unavailable'],
    ['503', 'page-unavailable'],
    ['429', 'page-unavailable'],
  ])('answered %s is %s, told without its query', async (status, code) => {
    const failure = await refused(`status/${status}?token=hush`);
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(`answered ${status}`);
    expect(failure.message).toContain(`/open/status/${status}`);
    expect(failure.message).not.toContain('hush');
  });

  it.each([
    ['7', 7],
    ['86400', 120],
    ['soon', undefined],
  ])('that asks to be left alone for "%s" is', async (after, seconds) => {
    const failure = await refused(`status/429?after=${encodeURIComponent(after)}`);
    expect(failure.options.retryAfter).toEqual(seconds);
  });

  it('that asks to be left alone until a time is', async () => {
    // Made here, and not when the tests are listed: that may have been a while ago.
    const after = new Date(Date.now() + 30_000).toUTCString();
    const failure = await refused(`status/429?after=${encodeURIComponent(after)}`);
    expect(failure.options.retryAfter).toEqual(expect.closeTo(30, -1));
  });

  it('on a port where nobody listens is unreachable', async () => {
    const other = await startHostileWeb();
    await other.close();
    const web = fetcher({ allow: [other.origin] });
    const failure = await failureOf(web.fetchPage(`${other.origin}/a?token=hush`, { signal }));
    expect(failure.code).toBe('unreachable');
    expect(failure.message).not.toContain('hush');
  });

  it('whose host has no address is not found', async () => {
    const resolve = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
    const failure = await failureOf(fetcher({ resolve }).fetchPage('http://typo.example/', { signal }));
    expect(failure.code).toBe('host-not-found');
    const empty = fetcher({ resolve: async () => [] });
    expect(await failureOf(empty.fetchPage('http://typo.example/', { signal }))).toMatchObject({
      code: 'host-not-found',
    });
  });
});

describe('a listed prefix', () => {
  it.each([
    '/closed',
    '/',
    '/openly',
    '/open',
    '/open/../closed',
    '/open/%2e%2e/closed',
    '/open/..%2fclosed',
    '/open/..%5cclosed',
  ])('does not open %s', async (path) => {
    const before = server.requests.length;
    const failure = await failureOf(fetcher().fetchPage(server.origin + path, { signal }));
    expect(failure.code).toBe('address-refused');
    expect(server.requests).toHaveLength(before);
  });

  it('does not open another port or another spelling of the same host', async () => {
    const { port } = new URL(server.origin);
    for (const origin of ['http://127.0.0.1', `http://localhost:${port}`, `https://127.0.0.1:${port}`]) {
      expect(await failureOf(fetcher().fetchPage(`${origin}/open/article`, { signal }))).toMatchObject({
        code: 'address-refused',
      });
    }
  });

  it('that is not a URL is an error at once', () => {
    expect(() => fetcher({ allow: ['samples/'] })).toThrow('FETCH_ALLOW');
  });
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('with %d is followed', async (status) => {
    expect(await fetched(`to/${status}?url=/open/article`)).toMatchObject({ url: at('article') });
  });

  it('is followed five times and not six', async () => {
    expect(await fetched('countdown/5')).toMatchObject({ url: at('article') });
    expect(await refused('countdown/6')).toMatchObject({ code: 'too-many-redirects' });
    expect(await refused('countdown/21')).toMatchObject({ code: 'too-many-redirects' });
    await noSocketsLeft();
  });

  it('to itself ends', async () => {
    expect(await refused('loop')).toMatchObject({ code: 'too-many-redirects' });
  });

  it.each([
    '/closed',
    'http://localhost/',
    'http://127.0.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'file:///etc/passwd',
    'data:text/html,<p>hi',
    'gopher://127.0.0.1/',
    'http://user:secret@example.org/',
    '//127.0.0.1:6379/',
  ])('to %s is refused', async (target) => {
    const failure = await refused(`to?url=${encodeURIComponent(target)}`);
    expect(failure.code).toBe('address-refused');
    expect(server.requests.at(-1)?.path).toBe('/open/to');
  });

  it('to nowhere is refused', async () => {
    expect(await refused('to?url=http%3A%2F%2F')).toMatchObject({ code: 'page-refused' });
  });
});

describe('a server that takes its time', () => {
  const limits = { totalMs: 300 };

  it.each(['silent', 'slow-headers', 'slow-body', 'stalls'])(
    '(%s) is given up after the total time',
    async (path) => {
      expect(await refused(path, { limits })).toMatchObject({ code: 'fetch-timed-out' });
      await noSocketsLeft();
    },
  );

  it.each([
    ['silent', { headersMs: 100 }],
    ['stalls', { idleMs: 100 }],
  ])('(%s) is given up before, when nothing comes', async (path, patience) => {
    expect(await refused(path, { limits: { ...patience, totalMs: 20_000 } })).toMatchObject({
      code: 'fetch-timed-out',
    });
    await noSocketsLeft();
  });
});

describe('a name server that does not answer', () => {
  const resolve = () => new Promise<never>(() => {});

  it('is given up after the total time', async () => {
    const web = fetcher({ resolve, limits: { totalMs: 100 } });
    const failure = await failureOf(web.fetchPage('http://slow.example/', { signal }));
    expect(failure.code).toBe('fetch-timed-out');
  });

  it('does not keep a caller who aborts', async () => {
    const caller = new AbortController();
    const outcome = fetcher({ resolve })
      .fetchPage('http://slow.example/', { signal: caller.signal })
      .catch((error: unknown) => error);
    caller.abort(new Error('cancelled'));
    expect(await outcome).toHaveProperty('message', 'cancelled');
  });
});

describe('a caller who aborts', () => {
  it.each(['silent', 'slow-headers', 'slow-body', 'endless'])(
    'gets the own reason back (%s)',
    async (path) => {
      const caller = new AbortController();
      const reason = new Error('cancelled by its owner');
      const asked = server.requests.length;
      const page = fetcher({ limits: { bodyBytes: 1e12 } }).fetchPage(at(path), { signal: caller.signal });
      const outcome = page.catch((error: unknown) => error);
      await until(() => server.requests.length > asked, { what: 'the request is there' });
      caller.abort(reason);
      expect(await outcome).toBe(reason);
      await noSocketsLeft();
    },
  );

  it('before the start gets it too, and nothing is sent', async () => {
    const asked = server.requests.length;
    const reason = new Error('cancelled');
    await expect(fetcher().fetchPage(at('article'), { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    expect(server.requests).toHaveLength(asked);
  });

  it('in the middle of a TLS handshake closes the connection', async () => {
    const sockets = new Set<Socket>();
    const mute = createTcpServer((socket) => {
      sockets.add(socket.resume());
      socket.on('error', () => socket.destroy());
      socket.once('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const origin = `https://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    try {
      const caller = new AbortController();
      const page = fetcher({ allow: [origin] }).fetchPage(origin, { signal: caller.signal });
      const outcome = page.catch((error: unknown) => error);
      await until(() => sockets.size === 1, { what: 'the connection is there' });
      caller.abort(new Error('cancelled'));
      expect(await outcome).toHaveProperty('message', 'cancelled');
      await until(() => sockets.size === 0, { what: 'the connection is closed' });
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => mute.close(resolve));
    }
  });

  it('is told from a fetcher that is closed', async () => {
    const web = fetcher();
    const asked = server.requests.length;
    const outcome = failureOf(web.fetchPage(at('silent'), { signal }));
    await until(() => server.requests.length > asked, { what: 'the request is there' });
    await web.close();
    expect(await outcome).toMatchObject({ code: 'unreachable' });
  });
});

describe('a body without end', () => {
  it.each(['endless', 'announced', 'gzip-bomb', 'brotli-bomb', 'gzip-in-gzip-bomb'])(
    '(%s) is broken off at the limit, and memory stays flat',
    async (path) => {
      const before = process.memoryUsage().rss;
      const failure = await refused(path);
      expect(failure.code).toBe('page-too-large');
      expect(failure.message).toContain('5 MB');
      expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
      await noSocketsLeft();
    },
  );

  it('is not decoded more than twice over', async () => {
    const encoding = Array.from({ length: 21 }, () => 'gzip').join(', ');
    expect(await refused(`bytes?type=text/html&encoding=${encodeURIComponent(encoding)}`)).toMatchObject({
      code: 'unsupported-content',
    });
  });
});

describe('a server that lies or breaks', () => {
  it.each([
    ['too-short', 'unreachable'],
    ['reset', 'unreachable'],
    ['cut-gzip', 'unreachable'],
    ['not-http', 'page-refused'],
    ['huge-header', 'page-refused'],
    ['bytes?type=text/html&encoding=gzip&body=AQIDBAUG', 'unsupported-content'],
    ['bytes?type=text/html&encoding=br&body=Dw8PDw8PDw8=', 'unsupported-content'],
    ['bytes?type=text/html&encoding=compress&body=AQIDBAUG', 'unsupported-content'],
    ['bytes?type=text/html&encoding=constructor&body=AQIDBAUG', 'unsupported-content'],
  ])('(%s) is %s', async (path, code) => {
    expect(await refused(path)).toMatchObject({ code });
    await noSocketsLeft();
  });

  it('about the length is not read further than it said', async () => {
    const page = await fetched('too-long').catch(() => null);
    expect(page?.body ?? '<p>long').toBe('<p>long');
  });
});

describe('a certificate', () => {
  it('that nobody vouches for is refused, whatever the environment says', async () => {
    const secure = createServer(selfSigned(), (_, response) => response.end('hi'));
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    const origin = `https://localhost:${(secure.address() as AddressInfo).port}`;
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const web = fetcher({ allow: [origin], resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
      const failure = await failureOf(web.fetchPage(origin, { signal }));
      expect(failure.code).toBe('certificate-invalid');
      expect(failure.message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
      secure.closeAllConnections();
      await new Promise((resolve) => secure.close(resolve));
    }
  });
});

describe('what a body is', () => {
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  const jpeg = Buffer.from('ffd8ffe000104a464946', 'hex');

  it.each([
    ['an image as HTML', png, 'text/html'],
    ['a JPEG as text', jpeg, 'text/plain'],
    ['a PDF as HTML', '%PDF-1.7 ...', 'text/html'],
    ['an archive without a type', 'PK\x03\x04', undefined],
    ['NUL bytes as text', 'a\0b', 'text/plain'],
    ['an image as what it is', png, 'image/png'],
    ['JSON', '{}', 'application/json'],
    ['unknown bytes', 'abc', 'application/octet-stream'],
  ])('%s is refused', async (_, body, type) => {
    expect(await refused(bytes(body, type))).toMatchObject({ code: 'unsupported-content' });
  });

  it.each([
    ['text/html', '<p>hi', 'html'],
    ['TEXT/HTML;charset=utf-8', '<p>hi', 'html'],
    ['application/xhtml+xml', '<html/>', 'html'],
    ['text/plain', '<p>hi', 'text'],
    [undefined, ' <!DOCTYPE html><p>hi', 'html'],
    [undefined, 'Dear reader', 'text'],
  ])('%s with "%s" is %s', async (type, body, content) => {
    expect(await fetched(bytes(body, type))).toMatchObject({ content, body });
  });
});

describe('the charset', () => {
  const latin1 = (text: string) => Buffer.from(text, 'latin1');
  const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

  it.each([
    ['of the header', latin1('<p>mañana'), 'text/html; charset=windows-1252', 'mañana'],
    ['of the header in quotes', latin1('<p>mañana'), 'text/html; charset="ISO-8859-1"', 'mañana'],
    ['of a meta element', latin1('<meta charset=iso-8859-15><p>mañana'), 'text/html', 'mañana'],
    [
      'of the old meta element',
      latin1('<meta http-equiv="Content-Type" content="text/html; charset=windows-1252"><p>mañana'),
      'text/html',
      'mañana',
    ],
    [
      'of an XML declaration',
      latin1('<?xml version="1.0" encoding="iso-8859-1"?><p>mañana'),
      'application/xhtml+xml',
      'mañana',
    ],
    [
      'of the header, against the meta',
      latin1('<meta charset=utf-8><p>mañana'),
      'text/html;charset=latin1',
      'mañana',
    ],
    ['of the byte order mark, against the header', utf16('<p>mañana'), 'text/html; charset=utf-8', 'mañana'],
    ['UTF-16 with the other end first', utf16('<p>mañana').swap16(), 'text/html', 'mañana'],
    ['Shift_JIS', Buffer.from('3c703e93fa967b8cea', 'hex'), 'text/html; charset=shift_jis', '日本語'],
    ['UTF-8 when none is said', '<p>mañana', 'text/html', 'mañana'],
    ['UTF-8 when nobody knows the one that is said', '<p>mañana', 'text/html; charset=utf-7', 'mañana'],
    [
      'UTF-8 when the meta says UTF-16, which it cannot be',
      '<meta charset=utf-16><p>mañana',
      'text/html',
      'mañana',
    ],
    ['of no meta in a comment', '<!-- <meta charset=latin1> --><p>mañana', 'text/html', 'mañana'],
  ])('%s is used', async (_, body, type, text) => {
    const page = await fetched(bytes(body, type));
    expect(page.body).toContain(text);
    expect(page.notes).toEqual([]);
  });

  it('is guessed when none is said and it is not UTF-8, and noted', async () => {
    const page = await fetched(bytes(latin1('<p>mañana'), 'text/html'));
    expect(page.body).toContain('mañana');
    expect(page.notes).toEqual(['The page does not say its charset; read as windows-1252.']);
  });
});

failOnLeftovers();
