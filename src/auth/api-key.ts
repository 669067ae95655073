import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a secret is for, by the letters it begins with. */
const prefixes = { key: 'lh', session: 'lhs', token: 'lht' } as const;
export type SecretKind = keyof typeof prefixes;

/** `lh_<public id>_<secret>`: the prefix lets scanners find keys that leaked, the id may be shown and logged. */
const form = (kind: SecretKind) => new RegExp(`^${prefixes[kind]}_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$`);
const forms = { key: form('key'), session: form('session'), token: form('token') };
const anywhere = /(lh[st]?_[0-9a-f]{12})_[A-Za-z0-9_-]{43}/g;

export interface NewSecret {
  id: string;
  /** Shown once and kept nowhere. */
  key: string;
  hash: Buffer;
}

export function newSecret(kind: SecretKind): NewSecret {
  const id = randomBytes(6).toString('hex');
  const key = `${prefixes[kind]}_${id}_${randomBytes(32).toString('base64url')}`;
  return { id, key, hash: hashOf(key) };
}

/** The public id of what has the form of such a secret, otherwise null. */
export const idOf = (kind: SecretKind, text: string): string | null => forms[kind].exec(text)?.[1] ?? null;

export const newApiKey = (): NewSecret => newSecret('key');
export const idOfKey = (key: string): string | null => idOf('key', key);

/** A plain hash is enough: 256 random bits cannot be guessed, and a slow one would be a lever to stall the API. */
const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** In a time that does not depend on where they differ. */
export function keyMatches(key: string, hash: Buffer): boolean {
  const presented = hashOf(key);
  return presented.length === hash.length && timingSafeEqual(presented, hash);
}

/** Percent encoding hides nothing. */
export function holdsKey(text: string): boolean {
  if (text.search(anywhere) !== -1) return true;
  if (!text.includes('%')) return false;
  const read = text.replaceAll(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return read.search(anywhere) !== -1;
}

/** Keeps the public id, so that a log still tells which key was where it should not be. */
export const withoutKeys = (text: string): string => text.replaceAll(anywhere, '$1_[secret]');
