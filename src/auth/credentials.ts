import type { IncomingHttpHeaders } from 'node:http';
import { Problem } from '../problems/problems.js';
import { holdsKey, idOf, type SecretKind } from './api-key.js';
import { sessionIn } from './session-cookie.js';

/** What of a request is looked at; a WebSocket's upgrade has it as well. */
export interface Asking {
  method?: string | undefined;
  headers: IncomingHttpHeaders;
  url?: string | undefined;
}

/** What a request shows of who asks. Whether it is valid is another question. */
export interface Credential {
  kind: SecretKind;
  secret: string;
  /** Null for what has not the form of a secret of its kind. */
  id: string | null;
  inAddress: boolean;
}

/** In the address for EventSource, which sends no header (RFC 6750, section 2.3). */
const addressField = 'access_token';

/**
 * Null for a request that shows nothing. A header comes before the address, and that before a cookie.
 * @throws {Problem} key-in-url
 */
export function credentialIn({ headers, url = '' }: Asking): Credential | null {
  const { authorization } = headers;
  const inAddress = authorization === undefined ? tokenIn(url) : null;
  if (holdsKey(inAddress === null ? url : url.replace(inAddress, ''))) {
    throw new Problem('key-in-url', 'The address of the request holds an API key.');
  }
  if (authorization !== undefined) {
    const secret = secretIn(authorization) ?? '';
    return credential(idOf('token', secret) === null ? 'key' : 'token', { secret });
  }
  if (inAddress !== null) return credential('token', { secret: inAddress, inAddress: true });
  const session = sessionIn(headers);
  return session === null ? null : credential('session', { secret: session });
}

const credential = (
  kind: SecretKind,
  { secret, inAddress = false }: { secret: string; inAddress?: boolean },
): Credential => ({ kind, secret, id: idOf(kind, secret), inAddress });

function tokenIn(url: string): string | null {
  const [, query = ''] = url.split('?', 2);
  const found = new URLSearchParams(query).get(addressField);
  return found !== null && idOf('token', found) !== null ? found : null;
}

/** As a bearer token, or as the password of HTTP Basic: a client that knows neither takes `http://any:<key>@host`. */
function secretIn(authorization: string): string | undefined {
  const [, scheme = '', value = ''] = /^(Bearer|Basic) +(\S+)$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() !== 'basic') return value || undefined;
  return /^[^:]*:(.*)$/s.exec(Buffer.from(value, 'base64').toString())?.[1];
}
