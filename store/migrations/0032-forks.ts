import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** A fork begins with copies of what the job it is made of has left. An effect is never copied: each job writes for itself. */
export const forks: Migration = {
  async up(db: Kysely<unknown>) {
    // Null in those from before: whether they may be copied is not known, so they are not.
    await sql`alter table receipts add column kind text, add column copied_from text`.execute(db);
  },
};
