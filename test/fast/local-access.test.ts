import { describe, expect, it } from '@jest/globals';
import { checkLocalAccess, isLoopback } from '../../src/auth/local-access.js';
import { ConfigError, loadConfig } from '../../src/config.js';

const allows = (headers: { host?: string; origin?: string }, env: Record<string, string> = {}): boolean => {
  try {
    checkLocalAccess(headers, loadConfig(env));
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'host-refused' });
    return false;
  }
};

describe('without keys, the Host', () => {
  it.each([
    ...['localhost', 'LOCALHOST:3000', 'localhost.', '127.0.0.1', '127.0.0.1:3000', '127.8.9.10'],
    ...['[::1]', '[::1]:3000', '[::ffff:127.0.0.1]:3000', '2130706433'],
  ])('%s is this machine', (host) => {
    expect(allows({ host })).toBe(true);
  });

  it.each([
    ...['evil.example', 'evil.example:3000', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1'],
    ...['0.0.0.0', '[::]', '[::ffff:10.0.0.1]', '', ' ', 'localhost/evil', 'evil.example#localhost'],
    ...['evil.example@localhost', 'localhost@evil.example', 'localhost:99999', 'localhost, evil.example'],
    ...['evil.example\\localhost', 'xn--localhost-', 'foo.localhost', 'lоcalhost'],
  ])('%p is not', (host) => {
    expect(allows({ host })).toBe(false);
  });

  it('must be there', () => {
    expect(allows({})).toBe(false);
  });

  it('may be the name in HOST, but not a wildcard', () => {
    expect(allows({ host: 'Longhaul.lan:3000' }, { HOST: 'longhaul.lan' })).toBe(true);
    expect(allows({ host: 'other.lan:3000' }, { HOST: 'longhaul.lan' })).toBe(false);
    expect(allows({ host: '0.0.0.0:3000' }, { HOST: '0.0.0.0' })).toBe(false);
    expect(allows({ host: '[::]:3000' }, { HOST: '::' })).toBe(false);
    expect(allows({ host: 'localhost:3000' }, { HOST: '0.0.0.0' })).toBe(true);
  });
});

describe('without keys, a page of', () => {
  const host = 'localhost:3000';

  it.each(['http://localhost:3000', 'http://127.0.0.1:5173', 'http://[::1]:3000', 'https://app.example.org'])(
    '%s may ask',
    (origin) => {
      expect(allows({ host, origin }, { CORS_ORIGINS: 'https://app.example.org' })).toBe(true);
    },
  );

  it.each([
    ...['null', '', 'https://evil.example', 'http://localhost.evil.example', 'file://'],
    ...['https://app.example.org.evil.example', 'http://app.example.org', 'https://app.example.org:8443'],
  ])('%p may not', (origin) => {
    expect(allows({ host, origin }, { CORS_ORIGINS: 'https://app.example.org' })).toBe(false);
  });
});

describe('HOST', () => {
  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost', '::ffff:127.0.0.1'])('%s is loopback', (host) => {
    expect(isLoopback(host)).toBe(true);
  });
  it.each(['0.0.0.0', '::', '10.0.0.1', 'longhaul.lan', 'localhost.lan'])('%s is not', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});

describe('CORS_ORIGINS', () => {
  it.each([
    '*',
    'null',
    'https://app.example.org/',
    'app.example.org',
    'https://*.example.org',
    'https://A.org',
  ])('refuses %s', (origin) => {
    expect(() => loadConfig({ CORS_ORIGINS: origin })).toThrow(ConfigError);
  });
});
