import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const numbersTakenBack: Migration = {
  async up(db: Kysely<unknown>) {
    // As research has it: the number of a version that is gone is not given again.
    await sql`alter table documents add column last_deleted integer not null default 0`.execute(db);
  },
};
