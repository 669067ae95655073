import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What people write into stories. The texts of the job stay as they are. */
export const storyVersions: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table stories
        add column version integer not null default 1,
        add column own_version integer not null default 1`.execute(db);
    await sql`
      create table story_versions (
        story_id bigint not null references stories on delete cascade,
        version integer not null,
        title text not null,
        parts json not null,
        written_by text,
        created_at timestamptz not null default now(),
        primary key (story_id, version)
      )`.execute(db);
  },
};
