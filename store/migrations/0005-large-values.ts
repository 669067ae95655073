import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const largeValues: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table large_values (
        hash bytea primary key,
        value bytea not null,
        created_at timestamptz not null default now()
      )`.execute(db);
  },
};
