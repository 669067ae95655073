import type { IncomingHttpHeaders } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { Asking } from './credentials.js';

/** With the prefix, a browser takes it over https alone, and from no other host of the domain. */
const names = { plain: 'longhaul_session', secure: '__Host-longhaul_session' } as const;

/** Another host of the domain could set the plain one for a page that is served over https. */
export function sessionIn(headers: IncomingHttpHeaders): string | null {
  const { cookie } = headers;
  if (cookie === undefined) return null;
  const cookies = parseCookie(cookie);
  return cookies[names.secure] ?? (isForwarded(headers) ? null : cookies[names.plain]) ?? null;
}

export interface CookieOptions {
  asking: Asking;
  /** How long the browser keeps it; 0 takes it away. */
  seconds: number;
}

/** No script reads it, and no page of another site makes a browser send it. */
export function sessionCookie(value: string, { asking, seconds }: CookieOptions): string {
  const secure = isOverHttps(asking.headers);
  return stringifySetCookie({
    name: secure ? names.secure : names.plain,
    value,
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure,
    maxAge: seconds,
  });
}

/** The API itself speaks plain HTTP: what stands in front of it says so, and so does the page that asks. */
const isOverHttps = (headers: IncomingHttpHeaders): boolean =>
  isForwarded(headers) || (headers.origin?.startsWith('https://') ?? false);

/** From https, as what stands in front says. */
const isForwarded = (headers: IncomingHttpHeaders): boolean =>
  String(headers['x-forwarded-proto'] ?? '')
    .split(',')[0]
    ?.trim() === 'https';
