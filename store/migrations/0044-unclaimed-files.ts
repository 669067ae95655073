import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** For counting what an owner has uploaded lately. */
export const unclaimedFiles: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create index files_uploaded_by on files (owner, touched_at) where made_by is null`.execute(db);
  },
};
