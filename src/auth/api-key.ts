import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** `lh_<public id>_<secret>`: the prefix lets scanners find keys that leaked, the id may be shown and logged. */
const form = /^lh_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;
const anywhere = /lh_[0-9a-f]{12}_[A-Za-z0-9_-]{43}/g;

export interface NewApiKey {
  id: string;
  /** Shown once and kept nowhere. */
  key: string;
  hash: Buffer;
}

export function newApiKey(): NewApiKey {
  const id = randomBytes(6).toString('hex');
  const key = `lh_${id}_${randomBytes(32).toString('base64url')}`;
  return { id, key, hash: hashOf(key) };
}

/** The public id of what has the form of a key, otherwise null. */
export const idOfKey = (key: string): string | null => form.exec(key)?.[1] ?? null;

/** A plain hash is enough: 256 random bits cannot be guessed, and a slow one would be a lever to stall the API. */
const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** In a time that does not depend on where they differ. */
export function keyMatches(key: string, hash: Buffer): boolean {
  const presented = hashOf(key);
  return presented.length === hash.length && timingSafeEqual(presented, hash);
}

export const holdsKey = (text: string): boolean => text.search(anywhere) !== -1;

/** Keeps the public id, so that a log still tells which key was where it should not be. */
export const withoutKeys = (text: string): string =>
  text.replaceAll(anywhere, (key) => `lh_${idOfKey(key) ?? ''}_[secret]`);
