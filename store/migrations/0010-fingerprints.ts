import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const fingerprints: Migration = {
  async up(db: Kysely<unknown>) {
    // Of what a paid answer was asked for. Null: kept before there were any, or not of that kind.
    await sql`alter table receipts add column fingerprint bytea`.execute(db);
  },
};
