import { sql } from 'kysely';
import type { Database } from './database.js';

export interface NewText {
  rootJobId: string;
  step: string;
  /** Of a step that is done for several. */
  item?: string | null;
  owner: string;
  url: string;
  title: string | null;
  language: string | null;
  text: string;
}

/** Texts that are too large to travel through a history; jobs hand each other the id. */
export function createTexts(db: Database) {
  return {
    /** A step, or an item of it, has one text: a repeated attempt replaces it and keeps the id. */
    async put({ rootJobId, item, text, ...rest }: NewText): Promise<string> {
      const row = await db
        .insertInto('texts')
        .values({ ...rest, root_job_id: rootJobId, item: item ?? '', body: text })
        .onConflict((conflict) =>
          conflict.columns(['root_job_id', 'step', 'item']).doUpdateSet({
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

    /** In characters, by their ids; those that are gone are left out. */
    async lengths(ids: readonly string[]): Promise<Map<string, number>> {
      if (ids.length === 0) return new Map();
      const rows = await db
        .selectFrom('texts')
        .select(['id', sql<number>`length(body)`.as('length')])
        .where('id', 'in', ids)
        .execute();
      return new Map(rows.map(({ id, length }) => [id, length]));
    },

    /** By their ids; those that are gone are left out. */
    async readAll(ids: readonly string[]): Promise<Map<string, string>> {
      if (ids.length === 0) return new Map();
      const rows = await db.selectFrom('texts').select(['id', 'body']).where('id', 'in', ids).execute();
      return new Map(rows.map(({ id, body }) => [id, body]));
    },

    async read(id: string): Promise<string | null> {
      const row = await db.selectFrom('texts').select('body').where('id', '=', id).executeTakeFirst();
      return row?.body ?? null;
    },
  };
}

export type Texts = ReturnType<typeof createTexts>;
