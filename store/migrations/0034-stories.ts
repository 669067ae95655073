import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Stories, which grow by a segment at a time. A job and its retries write one. */
export const stories: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table stories (
        id bigint generated always as identity primary key,
        owner text not null,
        subject text not null,
        player text not null,
        root_job_id text not null unique,
        job_id text not null,
        research_version integer not null,
        title text not null,
        plan json not null,
        status text not null default 'writing',
        missing json not null default '[]',
        provider text not null,
        created_at timestamptz not null default now(),
        finished_at timestamptz
      )`.execute(db);
    // For reading the latest of a subject, and for lists.
    await sql`create index stories_of_owner on stories (owner, subject, id)`.execute(db);
    await sql`
      create table story_segments (
        story_id bigint not null references stories on delete cascade,
        number integer not null,
        body text,
        lines json,
        rounds integer not null,
        review json,
        review_failure text,
        provider text not null,
        job_id text not null,
        created_at timestamptz not null default now(),
        primary key (story_id, number)
      )`.execute(db);
  },
};
