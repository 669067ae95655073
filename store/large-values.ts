import { createHash } from 'node:crypto';
import type { Database } from './database.js';

/** What is too large for a history, found by the SHA-256 of its bytes: the same value is one row, whoever put it. */
export function createLargeValues(db: Database) {
  return {
    /** @returns their keys, in the same order; putting again what is there changes nothing. */
    async put(values: readonly Uint8Array[]): Promise<string[]> {
      const rows = values.map((value) => ({ hash: createHash('sha256').update(value).digest(), value }));
      if (rows.length > 0) {
        await db
          .insertInto('large_values')
          // In one order whoever puts them: two who put the same values would otherwise wait for each other.
          .values(rows.toSorted((one, other) => Buffer.compare(one.hash, other.hash)))
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
      return rows.map(({ hash }) => hash.toString('base64url'));
    },

    /** @throws when one of them is not there */
    async get(keys: readonly string[]): Promise<Uint8Array[]> {
      if (keys.length === 0) return [];
      const hashes = keys.map((key) => Buffer.from(key, 'base64url'));
      const rows = await db
        .selectFrom('large_values')
        .select(['hash', 'value'])
        .where('hash', 'in', hashes)
        .execute();
      const found = new Map(rows.map(({ hash, value }) => [hash.toString('base64url'), value]));
      return keys.map((key) => {
        const value = found.get(key);
        if (!value) throw new Error(`the database has no large value ${key}`);
        return value;
      });
    },
  };
}

export type LargeValues = ReturnType<typeof createLargeValues>;
