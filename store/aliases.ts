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
  return {
    /** The name stands for this job from now on, unless it stands for one that was started since. */
    async point(alias: Alias, { id, createdAt }: { id: string; createdAt: string }): Promise<void> {
      const pointed = { job_id: id, pointed_at: new Date(createdAt) };
      await db
        .insertInto('aliases')
        .values({ ...alias, ...pointed })
        .onConflict((conflict) =>
          conflict
            .columns(['owner', 'system', 'name'])
            .doUpdateSet(pointed)
            .where('aliases.pointed_at', '<=', pointed.pointed_at),
        )
        .execute();
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
