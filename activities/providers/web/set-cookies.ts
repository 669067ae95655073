import { isIP } from 'node:net';
import { type Cookie, cookieHeader, sendable } from './cookie-jar.js';

/** As many as a sign-in or a consent page sets. */
const mostCookies = 50;

/**
 * Cookies that servers set on the way to a page: many redirect to the same address until they see their cookie again.
 * They are forgotten with the fetch.
 */
export function createSetCookies() {
  let cookies: Cookie[] = [];
  return {
    /** @param lines values of Set-Cookie */
    take(lines: readonly string[], url: URL): void {
      for (const cookie of lines.flatMap((line) => parseSetCookie(line, url) ?? [])) {
        const isSame = (other: Cookie): boolean =>
          other.name === cookie.name && other.domain === cookie.domain && other.path === cookie.path;
        cookies = [...cookies.filter((other) => !isSame(other)), cookie].slice(-mostCookies);
      }
    },
    header: (url: URL): string | null => cookieHeader(cookies, { url }),
  };
}

function parseSetCookie(line: string, url: URL): Cookie | null {
  const [pair = '', ...rest] = line.split(';');
  const [name, value] = halves(pair);
  const attributes = new Map(rest.map((one) => halves(one)).map(([key, said]) => [key.toLowerCase(), said]));
  if (!name || !sendable.test(name) || !sendable.test(value)) return null;
  const said = attributes.get('domain')?.replace(/^\./, '').toLowerCase() ?? '';
  const isWider = said.includes('.') && !isIP(said) && url.hostname.endsWith(`.${said}`);
  if (said !== '' && said !== url.hostname && !isWider) return null;
  const path = attributes.get('path') ?? '';
  const age = Number(attributes.get('max-age') ?? Number.NaN);
  const until = Date.parse(attributes.get('expires') ?? '') / 1000;
  const expires = Number.isNaN(age) ? until || 0 : Date.now() / 1000 + age;
  return {
    domain: said || url.hostname,
    subdomains: said !== '' && !isIP(said),
    path: path.startsWith('/') ? path : url.pathname.slice(0, url.pathname.lastIndexOf('/')) || '/',
    secure: attributes.has('secure'),
    expires: Math.max(expires, expires === 0 ? 0 : 1),
    name,
    value,
  };
}

function halves(text: string): [name: string, value: string] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text.trim(), ''] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}
