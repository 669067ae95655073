import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What a call may come to, for as long as it is under way. */
export const budgets: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table model_calls add column reserved_usd numeric(20, 12), add column reserved_tokens integer`.execute(
      db,
    );
  },
};
