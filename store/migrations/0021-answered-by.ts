import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What a provider calls the model that answered, which need not be the one that was asked. */
export const answeredBy: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table model_calls add column answered_by text`.execute(db);
  },
};
