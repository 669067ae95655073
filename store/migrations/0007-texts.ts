import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const texts: Migration = {
  async up(db: Kysely<unknown>) {
    // "Document" is the word for what a job writes for a person.
    await sql`alter table documents rename to texts`.execute(db);
    await sql`alter index documents_pkey rename to texts_pkey`.execute(db);
    await sql`alter index documents_root_job_id_step_key rename to texts_root_job_id_step_key`.execute(db);
    // What an attempt or a retry finds there is read under the new name.
    await sql`
      update receipts set outcome = outcome - 'documentId' || jsonb_build_object('textId', outcome -> 'documentId')
      where outcome ? 'documentId'`.execute(db);
  },
};
