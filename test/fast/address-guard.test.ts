import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addressClass } from '../../activities/providers/web/address-guard.js';
import { createWebFetcher } from '../../activities/providers/web.js';
import { failureOf } from '../harness/failure-of.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { startHostileWeb } from '../stand-ins/hostile-web.js';

/** One of each kind, with both ends of the ranges that are often got wrong. */
const notPublic: readonly [address: string, what: string][] = [
  ['0.0.0.0', 'unspecified, which reaches loopback on Linux'],
  ['0.1.2.3', 'this network'],
  ['10.0.0.0', 'private, first'],
  ['10.255.255.255', 'private, last'],
  ['100.64.0.1', 'carrier-grade NAT'],
  ['100.100.100.200', 'metadata of Alibaba Cloud'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback, far end'],
  ['168.63.129.16', 'metadata of Azure'],
  ['169.254.0.1', 'link-local'],
  ['169.254.169.254', 'metadata of most clouds'],
  ['172.16.0.0', 'private, first'],
  ['172.31.255.255', 'private, last'],
  ['192.0.0.192', 'protocol assignments, metadata of Oracle Cloud'],
  ['192.0.2.1', 'documentation 1'],
  ['192.88.99.1', '6to4 relay'],
  ['192.168.0.1', 'private'],
  ['198.18.0.1', 'benchmarking, first'],
  ['198.19.255.255', 'benchmarking, last'],
  ['198.51.100.1', 'documentation 2'],
  ['203.0.113.1', 'documentation 3'],
  ['224.0.0.1', 'multicast'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['::7f00:1', 'loopback, v4-compatible'],
  ['::808:808', 'a public one, v4-compatible'],
  ['::ffff:127.0.0.1', 'loopback, v4-mapped'],
  ['::ffff:a00:1', 'private, v4-mapped'],
  ['::ffff:0:7f00:1', 'loopback, v4-translated'],
  ['64:ff9b::7f00:1', 'loopback, NAT64'],
  ['64:ff9b:1::1', 'local NAT64'],
  ['100::1', 'discard'],
  ['2001::1', 'Teredo'],
  ['2001:2::1', 'benchmarking'],
  ['2001:10::1', 'ORCHID'],
  ['2001:20::1', 'ORCHID 2'],
  ['2001:db8::1', 'documentation'],
  ['2002:7f00:1::1', 'loopback, 6to4'],
  ['3fff::1', 'documentation 2'],
  ['4000::1', 'not handed out'],
  ['5f00::1', 'segment routing'],
  ['fc00::1', 'unique local'],
  ['fd00:ec2::254', 'metadata of AWS'],
  ['fe80::1', 'link-local'],
  ['fec0::1', 'site-local'],
  ['ff02::1', 'multicast'],
];

const isPublic = [
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '223.255.255.255',
  '::ffff:8.8.8.8',
  '2606:4700::1111',
  '2a00:1450:4003::1',
];

const family = (address: string): number => (address.includes(':') ? 6 : 4);
const literal = (address: string): string => (address.includes(':') ? `[${address}]` : address);
const signal = new AbortController().signal;

const mustNotResolve = (hostname: string): never => {
  throw new Error(`${hostname} was looked up`);
};

describe('addressClass', () => {
  it.each(isPublic)('takes %s as public', (address) => {
    expect(addressClass(address)).toBe('public');
  });

  it.each(['', 'localhost', '1.2.3', 'fe80::1%eth0', '999.1.1.1'])('does not take "%s" as public', (text) => {
    expect(addressClass(text)).not.toBe('public');
  });
});

describe.each(notPublic)('%s (%s)', (address) => {
  const fetcherThatFinds = (...addresses: string[]) =>
    createWebFetcher({
      allow: [],
      cookieJars: new Map(),
      resolve: async () => addresses.map((one) => ({ address: one, family: family(one) })),
    });

  it('is refused in a URL', async () => {
    const web = createWebFetcher({ allow: [], cookieJars: new Map(), resolve: mustNotResolve });
    for (const scheme of ['http', 'https']) {
      const failure = await failureOf(web.fetchPage(`${scheme}://${literal(address)}/a?token=1`, { signal }));
      expect(failure.code).toBe('address-refused');
      expect(failure.message).not.toContain('token');
    }
  });

  it('is refused as what a name leads to, and is not told', async () => {
    const failure = await failureOf(fetcherThatFinds(address).fetchPage('http://example.org/', { signal }));
    expect(failure.code).toBe('address-refused');
    expect(failure.message).not.toContain(address);
  });

  it('is refused among public addresses', async () => {
    const web = fetcherThatFinds('1.1.1.1', address);
    expect(await failureOf(web.fetchPage('https://example.org/', { signal }))).toMatchObject({
      code: 'address-refused',
    });
  });
});

describe('a redirect', () => {
  it.each(notPublic)('to %s (%s) is refused, by address and by name', async (address) => {
    const server = await startHostileWeb();
    try {
      const web = createWebFetcher({
        allow: [`${server.origin}/open/`],
        cookieJars: new Map(),
        resolve: async () => [{ address, family: family(address) }],
      });
      for (const target of [`http://${literal(address)}/`, 'http://rebound.example/']) {
        const url = `${server.origin}/open/to/?url=${encodeURIComponent(target)}`;
        expect(await failureOf(web.fetchPage(url, { signal }))).toMatchObject({ code: 'address-refused' });
      }
      expect(server.requests).toHaveLength(2);
    } finally {
      await server.close();
    }
  });
});

describe('an address in disguise', () => {
  const web = createWebFetcher({ allow: [], cookieJars: new Map(), resolve: mustNotResolve });

  it.each([
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://0x7f.1/',
    'http://0/',
    'http://127.0.0.1./',
    'http://127.0.0.1%2e/',
    'http://①②⑦.⓪.⓪.①/',
    'http://127。0。0。1/',
    'http://[::ffff:7f00:1]/',
    'http://[0:0:0:0:0:ffff:127.0.0.1]/',
    'http://0xa9fea9fe/latest/meta-data/',
  ])('%s is refused', async (url) => {
    expect(await failureOf(web.fetchPage(url, { signal }))).toMatchObject({ code: 'address-refused' });
  });

  it.each([
    'file:///etc/passwd',
    'data:text/html,<p>hi',
    'ftp://example.org/',
    'javascript:alert(1)',
    'http://user:secret@example.org/',
    'http://example.org:22/',
    'http://example.org:5432/',
    'not a URL',
  ])('%s is refused without a look-up', async (url) => {
    const failure = await failureOf(web.fetchPage(url, { signal }));
    expect(failure.code).toBe('address-refused');
    expect(failure.message).not.toContain('secret');
  });

  it('is refused however it is written', async () => {
    await fc.assert(
      fc.asyncProperty(hostileHost, async (host) => {
        const url = URL.parse(`http://${host}/`);
        if (!url) return;
        expect(await failureOf(web.fetchPage(url.href, { signal }))).toMatchObject({
          code: 'address-refused',
        });
      }),
      { numRuns: 300 },
    );
  });
});

/** Addresses of the IPv4 ranges above, each in one of the notations that URL parsers fold into it. */
const hostileHost = fc
  .record({
    prefix: fc.constantFrom<[number, number]>(
      [0x00000000, 8],
      [0x0a000000, 8],
      [0x64400000, 10],
      [0x7f000000, 8],
      [0xa9fe0000, 16],
      [0xac100000, 12],
      [0xc0a80000, 16],
      [0xc6120000, 15],
      [0xe0000000, 3],
    ),
    host: fc.nat({ max: 0x1fffffff }),
    notation: fc.constantFrom(
      'dotted',
      'number',
      'hex',
      'octal',
      'short',
      'mapped',
      'compatible',
      'nat64',
      '6to4',
    ),
  })
  .map(({ prefix: [network, bits], host, notation }) => {
    const value = (network | (host & (0xffffffff >>> bits))) >>> 0;
    const bytes = [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
    const words = `${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`;
    const forms: Record<string, string> = {
      dotted: bytes.join('.'),
      number: String(value),
      hex: `0x${value.toString(16)}`,
      octal: bytes.map((byte) => `0${byte.toString(8)}`).join('.'),
      short: `${bytes[0]}.${value & 0xffffff}`,
      mapped: `[::ffff:${words}]`,
      compatible: `[::${words}]`,
      nat64: `[64:ff9b::${words}]`,
      '6to4': `[2002:${words}::1]`,
    };
    return forms[notation] ?? '';
  });

failOnLeftovers();
