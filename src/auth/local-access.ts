import type { IncomingHttpHeaders } from 'node:http';
import ipaddr from 'ipaddr.js';
import type { Config } from '../config.js';
import { Problem } from '../problems/problems.js';

/** An address or name, with or without a port; nothing that a URL parser would take for another part. */
const plainHost = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i;

/** Listening there listens everywhere, so it is no name for this machine. */
const wildcards: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

export function isLoopback(host: string): boolean {
  const name = bare(host);
  return name === 'localhost' || (ipaddr.isValid(name) && ipaddr.process(name).range() === 'loopback');
}

/**
 * Without keys, who reaches the API is trusted because only this machine can. A browser on it runs pages of
 * strangers. A page whose name was pointed at this machine meanwhile (DNS rebinding) shows in `Host`. A page that
 * asks across sites, as a WebSocket may, shows in `Origin`.
 *
 * @throws {Problem} host-refused
 */
export function checkLocalAccess(headers: IncomingHttpHeaders, config: Config): void {
  const { host, origin } = headers;
  if (host === undefined || !isOurs(hostnameOf(host), config)) {
    throw new Problem('host-refused', 'Without API keys, requests must name this machine in "Host".');
  }
  if (origin === undefined || config.CORS_ORIGINS.includes(origin)) return;
  const asked = URL.canParse(origin) ? new URL(origin).hostname : null;
  if (!isOurs(asked, config)) {
    throw new Problem('host-refused', 'Without API keys, pages of other sites are refused.');
  }
}

function isOurs(hostname: string | null, { HOST }: Config): boolean {
  if (hostname === null) return false;
  return isLoopback(hostname) || (!wildcards.has(HOST) && bare(hostname) === bare(HOST));
}

function hostnameOf(host: string): string | null {
  if (!plainHost.test(host) || !URL.canParse(`http://${host}`)) return null;
  return new URL(`http://${host}`).hostname;
}

/** Lower case, without the brackets of an IPv6 address and the dot that may end a name. */
const bare = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
