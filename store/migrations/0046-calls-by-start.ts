import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const callsByStart: Migration = {
  async up(db: Kysely<unknown>) {
    // For how providers answer lately, whoever asked them.
    await sql`create index model_calls_by_start on model_calls (started_at)`.execute(db);
    // A decision held the plan alone once. Whoever confirms such a plan again is asked what is meant.
    await sql`
      update workbook_chats set decided_job = null, decided_plan = null
      where left(decided_plan, 1) = '['`.execute(db);
  },
};
