import type { ColumnType, Generated } from 'kysely';
import type { Database } from './database.js';

export interface DocumentsTable {
  id: Generated<string>;
  root_job_id: string;
  step: string;
  owner: string;
  url: string;
  title: string | null;
  language: string | null;
  body: string;
  created_at: ColumnType<Date, never, never>;
}

export interface NewDocument {
  rootJobId: string;
  step: string;
  owner: string;
  url: string;
  title: string | null;
  language: string | null;
  text: string;
}

/** Texts that are too large to travel through a history; jobs hand each other the id. */
export function createDocuments(db: Database) {
  return {
    /** A step has one document: a repeated attempt replaces it and keeps the id. */
    async put(document: NewDocument): Promise<string> {
      const { rootJobId, text, ...rest } = document;
      const row = await db
        .insertInto('documents')
        .values({ ...rest, root_job_id: rootJobId, body: text })
        .onConflict((conflict) =>
          conflict.columns(['root_job_id', 'step']).doUpdateSet({
            url: (update) => update.ref('excluded.url'),
            title: (update) => update.ref('excluded.title'),
            language: (update) => update.ref('excluded.language'),
            body: (update) => update.ref('excluded.body'),
          }),
        )
        .returning('id')
        .executeTakeFirstOrThrow();
      return row.id;
    },

    async text(id: string): Promise<string | null> {
      const row = await db.selectFrom('documents').select('body').where('id', '=', id).executeTakeFirst();
      return row?.body ?? null;
    },
  };
}

export type Documents = ReturnType<typeof createDocuments>;
