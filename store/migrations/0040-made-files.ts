import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Files that steps of jobs make: which step of which job, so that a repeated attempt leaves one file. */
export const madeFiles: Migration = {
  async up(db: Kysely<unknown>) {
    // All null for what a person has uploaded.
    await sql`
      alter table files
        add column made_by text,
        add column place text,
        add column scope text,
        add column attempt integer`.execute(db);
    await sql`create index files_made on files (made_by, place) where made_by is not null`.execute(db);
  },
};
