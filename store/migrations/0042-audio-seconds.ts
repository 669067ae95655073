import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What a call of a transcriber is paid by. */
export const audioSeconds: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table model_calls add column audio_seconds double precision`.execute(db);
  },
};
