import { sql } from 'kysely';
import type { Database } from './database.js';

/** What a job is found by besides its id. */
export interface Alias {
  owner: string;
  /** Whose name it is: the job type's. */
  system: string;
  /** Of a subject, for example. */
  name: string;
}

/** The latest job of each name: visibility finds jobs too, and is a second late. */
export function createAliases(db: Database) {
  const pointing = ({ alias, jobId, before }: { alias: Alias; jobId: string; before?: string }) =>
    db
      .insertInto('aliases')
      .values({ ...alias, job_id: jobId })
      .onConflict((conflict) => {
        const update = conflict
          .columns(['owner', 'system', 'name'])
          .doUpdateSet({ job_id: jobId, pointed_at: sql<Date>`now()` });
        return before === undefined ? update : update.where('aliases.pointed_at', '<', new Date(before));
      });

  return {
    /** From now on the name stands for this job. */
    async point(alias: Alias, jobId: string): Promise<void> {
      await pointing({ alias, jobId }).execute();
    },

    /** The same for a job that was found and not started just now: if another was started since, the name stays with that. */
    async pointBack(alias: Alias, { id, createdAt }: { id: string; createdAt: string }): Promise<void> {
      await pointing({ alias, jobId: id, before: createdAt }).execute();
    },

    /** Null for a name that stands for none. */
    async find({ owner, system, name }: Alias): Promise<string | null> {
      const row = await db
        .selectFrom('aliases')
        .select('job_id')
        .where('owner', '=', owner)
        .where('system', '=', system)
        .where('name', '=', name)
        .executeTakeFirst();
      return row?.job_id ?? null;
    },
  };
}

export type Aliases = ReturnType<typeof createAliases>;
