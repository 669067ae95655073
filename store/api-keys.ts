import { sql } from 'kysely';
import type { Database } from './database.js';

export interface ApiKeyRecord {
  id: string;
  owner: string;
  createdAt: Date;
  /** To the minute; null: never. */
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

/** What a presented key is checked against. */
export interface ValidKey {
  owner: string;
  hash: Buffer;
}

/** SQLSTATE undefined_table. */
const undefinedTable = '42P01';

export function createApiKeys(db: Database) {
  return {
    async add(key: { id: string; owner: string; hash: Buffer }): Promise<void> {
      await db.insertInto('api_keys').values(key).execute();
    },

    /**
     * Whether there has ever been a key. Revoked ones count: revoking the last key must not open the API to everybody,
     * as only `removeAll` does.
     * A database without the table is a new one.
     */
    async exist(): Promise<boolean> {
      try {
        const found = await db.selectFrom('api_keys').select('id').limit(1).executeTakeFirst();
        return found !== undefined;
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === undefinedTable) return false;
        throw error;
      }
    },

    /** A key that is not revoked. */
    async find(id: string): Promise<ValidKey | null> {
      const found = await db
        .selectFrom('api_keys')
        .select(['owner', 'hash'])
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return found ?? null;
    },

    /** Oldest first. */
    async list(): Promise<ApiKeyRecord[]> {
      const rows = await db
        .selectFrom('api_keys')
        .select(['id', 'owner', 'created_at', 'last_used_at', 'revoked_at'])
        .orderBy('created_at')
        .execute();
      return rows.map((row) => ({
        id: row.id,
        owner: row.owner,
        createdAt: row.created_at,
        lastUsedAt: row.last_used_at,
        revokedAt: row.revoked_at,
      }));
    },

    async markUsed(id: string): Promise<void> {
      await db
        .updateTable('api_keys')
        .set({ last_used_at: sql<Date>`now()` })
        .where('id', '=', id)
        .execute();
    },

    /** @returns how many there were, revoked ones included */
    async removeAll(): Promise<number> {
      const { numDeletedRows } = await db.deleteFrom('api_keys').executeTakeFirst();
      return Number(numDeletedRows);
    },

    /** The first revocation stands. @returns whether there is such a key */
    async revoke(id: string): Promise<boolean> {
      const { numUpdatedRows } = await db
        .updateTable('api_keys')
        .set({ revoked_at: sql<Date>`coalesce(revoked_at, now())` })
        .where('id', '=', id)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}

export type ApiKeys = ReturnType<typeof createApiKeys>;
