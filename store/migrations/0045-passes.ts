import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What keys lend for a while: sessions to their browsers, and tokens for one job to the pages of others. */
export const passes: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table passes (
        id text primary key,
        hash bytea not null,
        owner text not null,
        -- Null for one that was made while there were no keys.
        key_id text references api_keys on delete cascade,
        -- Null for a session, which may do what its key may.
        job_id text,
        access text check (access in ('read', 'read-and-cancel')),
        expires_at timestamptz not null,
        check ((job_id is null) = (access is null))
      )`.execute(db);
    await sql`create index passes_by_end on passes (expires_at)`.execute(db);
    await sql`create index passes_of_key on passes (key_id)`.execute(db);
  },
};
