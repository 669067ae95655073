import type { IncomingHttpHeaders } from 'node:http';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { ValidKey } from '../../store/api-keys.js';
import type { LentJob, ValidPass } from '../../store/passes.js';
import { CONFIG, type Config } from '../config.js';
import { Problem } from '../problems/problems.js';
import { Store } from '../database/store.js';
import { keyMatches } from './api-key.js';
import { type Asking, type Credential, credentialIn } from './credentials.js';
import { checkLocalAccess, isLoopback } from './local-access.js';
import { checkOwnPage } from './own-page.js';
import { VouchedValue } from './vouched-value.js';
import { VouchedValues } from './vouched-values.js';

/** Half of what a revocation may take to be felt, so that an open stream that asks as often keeps to it too. */
const freshMs = 400;
/** A key seen valid goes on working for so long while the database is away. */
const graceMs = 60_000;
const markUsedEveryMs = 60_000;

/** What a key has lent: a session, or a token for one job. */
export interface Pass {
  id: string;
  /** Null for a session, which may do what its key may. */
  job: LentJob | null;
  expiresAt: Date;
  inAddress: boolean;
}

/** Who asks. */
export interface Caller {
  owner: string;
  /** Public id of the key; null without keys. */
  keyId: string | null;
  /** Null for who has come with the key itself, and without keys. */
  pass: Pass | null;
}

/** Tells whose a request is. Without any key everything belongs to the owner `local`. */
@Injectable()
export class Authenticator {
  private readonly keys: VouchedValues<ValidKey>;
  private readonly passes: VouchedValues<ValidPass>;
  private readonly markedUsedAt = new Map<string, number>();
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
    const vouched = { freshMs, staleMs: graceMs };
    this.keys = new VouchedValues({ load: (id) => this.store.apiKeys.find(id), ...vouched });
    this.passes = new VouchedValues({ load: (id) => this.store.passes.find(id), ...vouched });
    this.existence = new VouchedValue({
      load: () => this.store.apiKeys.exist(),
      freshMs,
      // No key can be made in a database that is away, and an API that never had one stays usable.
      staleMs: Infinity,
    });
  }

  /**
   * @throws {Problem} unauthenticated, key-in-url, host-refused, foreign-origin, or the error of a database that is
   * away
   */
  async authenticate(asking: Asking): Promise<Caller> {
    const shown = credentialIn(asking);
    // A token is for one job, without keys too: pages are made with them before there is a key.
    if (shown?.kind === 'token') return this.byToken(shown, asking);
    if (await this.keysExist()) {
      const caller =
        shown?.kind === 'session' ? await this.bySession(shown, asking) : await this.byKey(shown);
      if (!(caller instanceof Problem)) return caller;
      if (await this.keysRemain()) throw caller;
    }
    this.checkLocal(asking.headers);
    return { owner: 'local', keyId: null, pass: null };
  }

  private async byKey(shown: Credential | null): Promise<Caller | Problem> {
    if (shown === null) return unauthenticated('The request has no API key.', null);
    const { id, secret } = shown;
    const found = id === null ? null : await this.keys.find(id);
    if (id === null || !found || !keyMatches(secret, found.hash)) {
      return unauthenticated('The API key is not valid.', 'invalid_token');
    }
    this.markUsed(id);
    return { owner: found.owner, keyId: id, pass: null };
  }

  private async bySession(shown: Credential, asking: Asking): Promise<Caller | Problem> {
    const caller = await this.byPass(shown);
    if (caller?.pass?.job !== null) {
      return unauthenticated('The session is over, or its key is revoked.', 'invalid_token');
    }
    checkOwnPage(asking);
    return caller;
  }

  private async byToken(shown: Credential, { headers }: Asking): Promise<Caller> {
    const caller = await this.byPass(shown);
    if (!caller?.pass?.job || (caller.keyId === null && (await this.keysExist()))) {
      throw unauthenticated('The token is over, or its key is revoked.', 'invalid_token');
    }
    if (caller.keyId === null) this.checkLocal(headers);
    return caller;
  }

  private async byPass({ id, secret, inAddress }: Credential): Promise<Caller | null> {
    const found = id === null ? null : await this.findPass(id);
    if (id === null || !found || !keyMatches(secret, found.hash)) return null;
    const { owner, keyId, job, expiresAt } = found;
    if (keyId !== null) this.markUsed(keyId);
    return { owner, keyId, pass: { id, job, expiresAt, inAddress } };
  }

  /**
   * Whether a caller may go on, for what stays open after `authenticate`: ask every 500 ms, and a revocation is felt
   * within 1 s. Cheap: callers with the same key share one query.
   * @throws the error of a database that has been away for too long for the caller to be vouched for
   */
  async stillValid(keyId: Caller['keyId'], pass: Caller['pass'] = null): Promise<boolean> {
    if (pass !== null && (await this.findPass(pass.id)) === null) return false;
    return keyId === null ? !(await this.keysExist()) : (await this.keys.find(keyId)) !== null;
  }

  /** A session that was ended is over at once here, and within a second elsewhere. */
  forget(pass: Pass): void {
    this.passes.forget(pass.id);
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

  /** What was loaded a while ago may be over by now. */
  private async findPass(id: string): Promise<ValidPass | null> {
    const found = await this.passes.find(id);
    return found && found.expiresAt.getTime() > Date.now() ? found : null;
  }

  private markUsed(id: string): void {
    const now = performance.now();
    if (now - (this.markedUsedAt.get(id) ?? -Infinity) < markUsedEveryMs) return;
    this.markedUsedAt.set(id, now);
    this.store.apiKeys.markUsed(id).catch((error: unknown) => {
      this.logger.warn(`the last use of the key ${id} was not noted: ${String(error)}`);
    });
  }
}

function unauthenticated(detail: string, error: 'invalid_token' | null): Problem {
  const challenge = `Bearer realm="longhaul"${error === null ? '' : `, error="${error}"`}`;
  return new Problem('unauthenticated', detail, { headers: { 'www-authenticate': challenge } });
}
