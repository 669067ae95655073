import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Calls for forks that come with an Idempotency-Key: the first one decides which receipts the new job begins with. */
export const forkClaims: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table fork_claims (
        job_id text primary key,
        fingerprint text not null,
        calls integer not null
      )`.execute(db);
  },
};
