import type { Database } from './database.js';

export interface RefusedTask {
  id: string;
  type: string;
  error: string;
  createdAt: string;
}

/** Tasks of another system's page that no job was started for. */
export function createRefusedTasks(db: Database) {
  return {
    async put({ owner, ...task }: Omit<RefusedTask, 'createdAt'> & { owner: string }): Promise<RefusedTask> {
      const row = await db
        .insertInto('refused_tasks')
        .values({ ...task, owner })
        .returning('created_at')
        .executeTakeFirstOrThrow();
      return { ...task, createdAt: row.created_at.toISOString() };
    },

    async find(id: string, owner: string): Promise<RefusedTask | null> {
      const row = await db
        .selectFrom('refused_tasks')
        .selectAll()
        .where('id', '=', id)
        .where('owner', '=', owner)
        .executeTakeFirst();
      return row
        ? { id: row.id, type: row.type, error: row.error, createdAt: row.created_at.toISOString() }
        : null;
    },
  };
}

export type RefusedTasks = ReturnType<typeof createRefusedTasks>;
