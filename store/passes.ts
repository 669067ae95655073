import { sql } from 'kysely';
import type { Database } from './database.js';

/** What the holder of a token may do with its job. */
export type JobAccess = 'read' | 'read-and-cancel';

/** The one job that a token is for. */
export interface LentJob {
  id: string;
  access: JobAccess;
}

interface Lent {
  owner: string;
  /** Null without keys. */
  keyId: string | null;
  /** Null for a session. */
  job: LentJob | null;
}

export interface NewPass extends Lent {
  id: string;
  hash: Buffer;
  /** How long it lives. */
  seconds: number;
}

/** What a presented pass is checked against. */
export interface ValidPass extends Lent {
  hash: Buffer;
  expiresAt: Date;
}

/** Of those that are over, with each that is added: nobody who signs in waits for many. */
const mostTaken = 100;

/** What keys lend for a while: sessions and tokens. */
export function createPasses(db: Database) {
  return {
    /** Takes some of those that are over away with it, so that the table stays as small as what is in use. */
    async add({ id, hash, owner, keyId, job, seconds }: NewPass): Promise<{ expiresAt: Date }> {
      const row = await db
        .with('over', (over) =>
          over.deleteFrom('passes').where('id', 'in', (query) =>
            query
              .selectFrom('passes')
              .select('id')
              .where('expires_at', '<', sql<Date>`now()`)
              .limit(mostTaken)
              .forUpdate()
              .skipLocked(),
          ),
        )
        .insertInto('passes')
        .values({
          id,
          hash,
          owner,
          key_id: keyId,
          job_id: job?.id ?? null,
          access: job?.access ?? null,
          expires_at: sql<Date>`now() + make_interval(secs => ${seconds})`,
        })
        .returning('expires_at')
        .executeTakeFirstOrThrow();
      return { expiresAt: row.expires_at };
    },

    /** One that is not over, and whose key is not revoked. */
    async find(id: string): Promise<ValidPass | null> {
      const found = await db
        .selectFrom('passes')
        .leftJoin('api_keys', 'api_keys.id', 'passes.key_id')
        .select(['passes.owner', 'passes.hash', 'key_id', 'job_id', 'access', 'expires_at'])
        .where('passes.id', '=', id)
        .where('expires_at', '>', sql<Date>`now()`)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      if (!found) return null;
      const { owner, hash, key_id: keyId, job_id: job, access, expires_at: expiresAt } = found;
      return { owner, hash, keyId, expiresAt, job: job && access ? { id: job, access } : null };
    },

    async remove(id: string): Promise<void> {
      await db.deleteFrom('passes').where('id', '=', id).execute();
    },
  };
}

export type Passes = ReturnType<typeof createPasses>;
