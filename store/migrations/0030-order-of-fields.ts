import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What is kept of an ended job has its fields in the order in which they were told before. jsonb has an order of its own. */
export const orderOfFields: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table outcomes alter column job type json, alter column usage type json`.execute(db);
  },
};
