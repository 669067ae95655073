import type { IncomingHttpHeaders } from 'node:http';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { ValidKey } from '../../store/api-keys.js';
import { CONFIG, type Config } from '../config.js';
import { Problem } from '../problems/problems.js';
import { Store } from '../database/store.js';
import { holdsKey, idOfKey, keyMatches } from './api-key.js';
import { checkLocalAccess, isLoopback } from './local-access.js';
import { VouchedValue } from './vouched-value.js';

/** Half of what a revocation may take to be felt, so that an open stream that asks as often keeps to it too. */
const freshMs = 400;
/** A key seen valid goes on working for so long while the database is away. */
const graceMs = 60_000;
const markUsedEveryMs = 60_000;

/** Who asks. */
export interface Caller {
  owner: string;
  /** Public id of the key; null without keys. */
  keyId: string | null;
}

/** What of a request is looked at; a WebSocket's upgrade has it as well. */
export interface Asking {
  headers: IncomingHttpHeaders;
  url?: string | undefined;
}

interface KnownKey {
  found: VouchedValue<ValidKey | null>;
  markedUsedAt: number;
}

/** Tells whose a request is. Without any key everything belongs to the owner `local`. */
@Injectable()
export class Authenticator {
  private readonly keys = new Map<string, KnownKey>();
  /** Revoked keys stay in the table, so that only `npm run keys -- off` makes it false again. */
  private keysSeen = false;
  /** One that was found to be this machine. */
  private namedHost: string | null = null;
  private readonly existence: VouchedValue<boolean>;
  private readonly logger = new Logger('auth');

  constructor(
    private readonly store: Store,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.existence = new VouchedValue({
      load: () => this.store.apiKeys.exist(),
      freshMs,
      // No key can be made in a database that is away, and an API that never had one stays usable.
      staleMs: Infinity,
    });
  }

  /** @throws {Problem} unauthenticated, key-in-url, host-refused, or the error of a database that is away */
  async authenticate({ headers, url }: Asking): Promise<Caller> {
    if (url !== undefined && holdsKeyEncoded(url)) {
      throw new Problem('key-in-url', 'The address of the request holds an API key.');
    }
    if (await this.keysExist()) {
      const caller = await this.byKey(headers);
      if (!(caller instanceof Problem)) return caller;
      if (await this.keysRemain()) throw caller;
    }
    this.checkLocal(headers);
    return { owner: 'local', keyId: null };
  }

  private async byKey({ authorization }: IncomingHttpHeaders): Promise<Caller | Problem> {
    if (authorization === undefined) return unauthenticated('The request has no API key.', null);
    const key = keyIn(authorization);
    const id = key === undefined ? null : idOfKey(key);
    const found = id === null ? null : await this.find(id);
    if (key === undefined || id === null || !found || !keyMatches(key, found.hash)) {
      return unauthenticated('The API key is not valid.', 'invalid_token');
    }
    this.markUsed(id);
    return { owner: found.owner, keyId: id };
  }

  /**
   * Whether a caller may go on, for what stays open after `authenticate`: ask every 500 ms, and a revocation is felt
   * within 1 s. Cheap: callers with the same key share one query.
   * @throws the error of a database that has been away for too long for the caller to be vouched for
   */
  async stillValid(keyId: Caller['keyId']): Promise<boolean> {
    return keyId === null ? !(await this.keysExist()) : (await this.find(keyId)) !== null;
  }

  /** A client names the same host in all its requests, and to look into the name costs more than to look into the key. */
  private checkLocal(headers: IncomingHttpHeaders): void {
    if (headers.origin === undefined && headers.host === this.namedHost) return;
    checkLocalAccess(headers, this.config);
    this.namedHost = headers.host ?? null;
  }

  private async keysExist(): Promise<boolean> {
    this.keysSeen ||= await this.existence.get();
    return this.keysSeen;
  }

  /** Asked before a request is refused, which is when it matters that all keys were taken away. */
  private async keysRemain(): Promise<boolean> {
    // Without keys only this machine may ask, and an API that others reach has to go on asking for one.
    if (!isLoopback(this.config.HOST) && !this.config.ALLOW_KEYLESS) return true;
    this.keysSeen = await this.existence.get();
    return this.keysSeen;
  }

  private async find(id: string): Promise<ValidKey | null> {
    const known = this.keys.get(id) ?? this.unseen(id);
    this.keys.set(id, known);
    let found: ValidKey | null = null;
    try {
      found = await known.found.get();
      return found;
    } finally {
      // Made-up ids must not fill the memory, nor a revoked key be remembered as anything.
      if (found === null) this.keys.delete(id);
    }
  }

  private unseen(id: string): KnownKey {
    const load = () => this.store.apiKeys.find(id);
    return { found: new VouchedValue({ load, freshMs, staleMs: graceMs }), markedUsedAt: -Infinity };
  }

  private markUsed(id: string): void {
    const known = this.keys.get(id);
    const now = performance.now();
    if (!known || now - known.markedUsedAt < markUsedEveryMs) return;
    known.markedUsedAt = now;
    this.store.apiKeys.markUsed(id).catch((error: unknown) => {
      this.logger.warn(`the last use of the key ${id} was not noted: ${String(error)}`);
    });
  }
}

/** As a bearer token, or as the password of HTTP Basic: a client that knows neither takes `http://any:<key>@host`. */
function keyIn(authorization: string): string | undefined {
  const [, scheme = '', value = ''] = /^(Bearer|Basic) +(\S+)$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() !== 'basic') return value || undefined;
  return /^[^:]*:(.*)$/s.exec(Buffer.from(value, 'base64').toString())?.[1];
}

/** Percent encoding hides nothing. */
function holdsKeyEncoded(url: string): boolean {
  if (holdsKey(url)) return true;
  if (!url.includes('%')) return false;
  return holdsKey(
    url.replaceAll(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
  );
}

function unauthenticated(detail: string, error: 'invalid_token' | null): Problem {
  const challenge = `Bearer realm="longhaul"${error === null ? '' : `, error="${error}"`}`;
  return new Problem('unauthenticated', detail, { headers: { 'www-authenticate': challenge } });
}
