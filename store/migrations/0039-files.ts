import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Files that people upload and jobs make, in chunks, so that nobody has to hold a whole one in memory. */
export const files: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table files (
        number bigint generated always as identity unique,
        id text primary key,
        owner text not null,
        name text not null default '',
        media_type text not null default '',
        size bigint not null default 0,
        sha256 bytea,
        created_at timestamptz not null default now(),
        touched_at timestamptz not null default now(),
        stored_at timestamptz
      )`.execute(db);
    // For lists, newest first.
    await sql`create index files_of_owner on files (owner, number)`.execute(db);
    // For finding what has become old.
    await sql`create index files_by_touch on files (touched_at)`.execute(db);
    await sql`
      create table file_chunks (
        file_id text not null references files on delete cascade,
        number integer not null,
        bytes bytea not null,
        primary key (file_id, number)
      )`.execute(db);
    // Most files are compressed already, and a part of a chunk can be read alone.
    await sql`alter table file_chunks alter column bytes set storage external`.execute(db);
    await sql`
      create table file_jobs (
        file_id text not null references files on delete cascade,
        job_id text not null,
        claimed_at timestamptz not null default now(),
        primary key (file_id, job_id)
      )`.execute(db);
    await sql`create index files_of_job on file_jobs (job_id)`.execute(db);
  },
};
