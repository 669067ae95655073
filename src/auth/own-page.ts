import { Problem } from '../problems/problems.js';
import type { Asking } from './credentials.js';

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A browser adds the cookie to what any page of the site asks, and a site is all ports of a host. What such a page
 * reads the browser keeps from it; what it changes, and the WebSocket that it opens, is refused here.
 *
 * @throws {Problem} foreign-origin
 */
export function checkOwnPage({ method = 'GET', headers }: Asking): void {
  if (safeMethods.has(method) && headers.upgrade?.toLowerCase() !== 'websocket') return;
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  // What the browser itself says holds behind a proxy that changes "Host"; not every request of every browser has it.
  if (site === 'same-origin') return;
  if (site === undefined && isHost(origin, host)) return;
  throw new Problem('foreign-origin', 'With a session, only the pages of this API may ask for that.');
}

/** With the scheme of the origin, the usual port may be named or not. */
function isHost(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined || !URL.canParse(origin)) return false;
  const own = `${new URL(origin).protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === new URL(origin).host;
}
