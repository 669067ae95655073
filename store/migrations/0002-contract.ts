import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const contract: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table api_keys (
        id text primary key,
        owner text not null,
        hash bytea not null,
        created_at timestamptz not null default now(),
        last_used_at timestamptz,
        revoked_at timestamptz
      )`.execute(db);

    // A deadline that nobody has carried out yet is found by the partial index.
    await sql`
      alter table cancellations
        add column run_id text,
        add column mode text not null default 'graceful',
        add column deadline timestamptz,
        add column settled_at timestamptz,
        add column escalated boolean not null default false`.execute(db);
    await sql`create index cancellations_due on cancellations (deadline) where settled_at is null`.execute(
      db,
    );

    // The holder of a key is the job with the lowest position; the others wait in the order of their positions.
    await sql`
      create table concurrency_queue (
        position bigint generated always as identity primary key,
        owner text not null,
        type text not null,
        key text not null,
        job_id text not null unique,
        entered_at timestamptz not null default now()
      )`.execute(db);
    await sql`create index concurrency_turn on concurrency_queue (owner, type, key, position)`.execute(db);
  },
};
