import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What is known of subjects. json keeps the order of the fields, which jsonb does not. */
export const research: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table research (
        id bigint generated always as identity primary key,
        owner text not null,
        subject text not null,
        created_at timestamptz not null default now(),
        unique (owner, subject)
      )`.execute(db);
    // For lists, newest first.
    await sql`create index research_of_owner on research (owner, id)`.execute(db);
    await sql`
      create table research_versions (
        research_id bigint not null references research on delete cascade,
        version integer not null,
        content json not null,
        sources text[] not null,
        provider text,
        notes text[] not null,
        job_id text,
        written_by text,
        created_at timestamptz not null default now(),
        primary key (research_id, version)
      )`.execute(db);
  },
};
