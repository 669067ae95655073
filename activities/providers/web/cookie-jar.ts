import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { errorCode } from '../error-code.js';

export interface Cookie {
  domain: string;
  subdomains: boolean;
  path: string;
  secure: boolean;
  /** Seconds since 1970; 0 ends with the browser that wrote the file, so it is still good. */
  expires: number;
  name: string;
  value: string;
}

/** What a header may carry: printable ASCII, and no separator of cookies. */
export const sendable = /^[\x20-\x3a\x3c-\x7e]*$/;

function parseLine(line: string): Cookie | null {
  // Browsers' exports mark cookies that scripts cannot read with a prefix that looks like a comment.
  const fields = line.replace(/^#HttpOnly_/, '').split('\t');
  const [domain, subdomains, path, secure, expires, name, value = ''] = fields;
  if (line.startsWith('#') && !line.startsWith('#HttpOnly_')) return null;
  if (!domain || !path || !name || !sendable.test(name) || !sendable.test(value)) return null;
  const host = domain.replace(/^\./, '').toLowerCase();
  return {
    domain: host,
    // A jar that offers a cookie to everything below "com" is broken or a trap.
    subdomains: host.includes('.') && (subdomains === 'TRUE' || domain.startsWith('.')),
    path,
    secure: secure === 'TRUE',
    expires: Number(expires) || 0,
    name,
    value,
  };
}

const matchesHost = ({ domain, subdomains }: Cookie, hostname: string): boolean =>
  hostname === domain || (subdomains && !isIP(hostname) && hostname.endsWith(`.${domain}`));

const matchesPath = ({ path }: Cookie, pathname: string): boolean =>
  pathname === path || (pathname.startsWith(path) && (path.endsWith('/') || pathname[path.length] === '/'));

export type CookieJar = ReturnType<typeof parseCookieJar>;

/** A Netscape cookies.txt: seven columns separated by tabs. Lines that are not a cookie are passed over. */
export function parseCookieJar(text: string) {
  const cookies = text.split(/\r?\n/).flatMap((line) => parseLine(line) ?? []);
  return {
    header: (url: URL, now?: number): string | null => cookieHeader(cookies, { url, now }),
  };
}

/** The Cookie header for one request, by the rules of RFC 6265; null when no cookie belongs there. */
export function cookieHeader(
  cookies: readonly Cookie[],
  { url, now = Date.now() }: { url: URL; now?: number | undefined },
): string | null {
  const fitting = cookies
    .filter(
      (cookie) =>
        matchesHost(cookie, url.hostname) &&
        matchesPath(cookie, url.pathname) &&
        (!cookie.secure || url.protocol === 'https:') &&
        (cookie.expires === 0 || cookie.expires * 1000 > now),
    )
    .toSorted((a, b) => b.path.length - a.path.length);
  return fitting.length > 0 ? fitting.map(({ name, value }) => `${name}=${value}`).join('; ') : null;
}

export interface OpenedJar {
  jar: CookieJar | null;
  note: string | null;
}

/** Read at each use, so that an operator who renews a session need not restart anything. A missing jar is a note. */
export async function openCookieJar(name: string, paths: ReadonlyMap<string, string>): Promise<OpenedJar> {
  const path = paths.get(name);
  if (path === undefined) {
    return { jar: null, note: `There is no cookie jar named "${name}"; fetched without cookies.` };
  }
  try {
    return { jar: parseCookieJar(await readFile(path, 'utf8')), note: null };
  } catch (error) {
    const why = errorCode(error) ?? 'unknown error';
    return {
      jar: null,
      note: `The cookie jar "${name}" could not be read (${why}); fetched without cookies.`,
    };
  }
}
