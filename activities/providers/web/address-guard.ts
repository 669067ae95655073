import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { buildConnector } from 'undici';
import { StepFailure } from '../../frame/step-failure.js';
import { tidySocket } from './tidy-socket.js';

export interface Address {
  address: string;
  family: number;
}

/** All addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly Address[]>;

export const systemResolve: Resolve = (hostname) => lookup(hostname, { all: true });

/** Everything IANA has handed out as global unicast; IPv6 outside it is special or not yet anybody's. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/** Globally routed on paper; inside Azure it is the host of the virtual machine, which hands out its credentials. */
const azureHost = '168.63.129.16';

/** "public", or what else the address is: "loopback", "private", "6to4". Judged by allow-list: unknown is not public. */
export function addressClass(address: string): string {
  if (!isIP(address)) return 'malformed';
  // Unwraps ::ffff:a.b.c.d, which a socket treats as a.b.c.d.
  const parsed = ipaddr.process(address);
  if (parsed.toString() === azureHost) return 'metadata';
  const range = parsed.range();
  if (range !== 'unicast') return range;
  // ipaddr.js takes all that it has no name for as unicast, ::7f00:1 among them.
  if (parsed instanceof ipaddr.IPv6 && !parsed.match(globalUnicast)) return 'reserved';
  return 'public';
}

/** One bad address among good ones refuses them all: which of them gets used would be up to whoever answers for the name. */
function assertPublic(addresses: readonly string[], hostname: string): void {
  const special = addresses.map(addressClass).find((kind) => kind !== 'public');
  if (!special) return;
  // The class and never the address: that would let anyone who may submit a job read the internal name server.
  const what = isIP(hostname) ? 'is' : 'leads to';
  throw new StepFailure(
    'address-refused',
    `${hostname} ${what} an address that is not on the public internet (${special}).`,
  );
}

/** More answers than any honest name has; each would cost an attempt to connect. */
const mostAddresses = 16;

/** The socket connects to what this hands it and to nothing else, so what was checked is what is used. */
function checkedLookup(resolve: Resolve, check: (addresses: readonly string[], hostname: string) => void) {
  const found = async (hostname: string): Promise<Address[]> => {
    const addresses = await resolve(hostname);
    check(
      addresses.map(({ address }) => address),
      hostname,
    );
    return addresses.slice(0, mostAddresses).map(({ address, family }) => ({ address, family }));
  };
  const lookupChecked: LookupFunction = (hostname, options, callback) => {
    found(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (!first) callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '');
        else if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, ''),
    );
  };
  return lookupChecked;
}

export interface ConnectorOptions {
  /** "anywhere" is for the URLs that the operator listed. */
  reach: 'public' | 'anywhere';
  resolve: Resolve;
  /** Destroys the socket, also in the middle of a handshake. */
  signal: AbortSignal;
  timeoutMs: number;
  /** In bytes. */
  longestHead: number;
}

/** Connects only to public addresses. Checked here and not before, so that a name cannot change between check and use. */
export function guardedConnector({
  reach,
  resolve,
  signal,
  timeoutMs,
  longestHead,
}: ConnectorOptions): buildConnector.connector {
  const check = reach === 'public' ? assertPublic : () => {};
  const options = {
    lookup: checkedLookup(resolve, check),
    signal,
    timeout: timeoutMs,
    allowH2: false,
    maxCachedSessions: 0,
    // Said aloud, since NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would change the default.
    rejectUnauthorized: true,
  };
  const connect = buildConnector(options);
  return (target, callback) => {
    try {
      // A socket does not look up a literal.
      if (isIP(target.hostname)) check([target.hostname], target.hostname);
      connect(target, (...outcome) => {
        const [error, socket] = outcome;
        // The client takes any duplex stream for a connection; its types know sockets only.
        if (error === null) callback(null, tidySocket(socket, longestHead) as typeof socket);
        else callback(...outcome);
      });
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)), null);
    }
  };
}
