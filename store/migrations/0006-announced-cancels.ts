import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const announcedCancels: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table cancellations add column announced_at timestamptz`.execute(db);
  },
};
