import type { ColumnType, Generated } from 'kysely';
import type { Database } from './database.js';

export interface ConcurrencyQueueTable {
  position: Generated<string>;
  owner: string;
  type: string;
  key: string;
  job_id: string;
  entered_at: ColumnType<Date, never, never>;
}

export interface BusinessKey {
  owner: string;
  type: string;
  key: string;
}

/** A row is written before its job is started; after this long without a job, the start has failed. */
const startLimitMs = 30_000;

/** Who may run under a concurrency key: the job with the lowest position; the others queue, first in, first out. */
export function createConcurrency(db: Database) {
  const first = ({ owner, type, key }: BusinessKey) =>
    db
      .selectFrom('concurrency_queue')
      .select(['job_id', 'entered_at'])
      .where('owner', '=', owner)
      .where('type', '=', type)
      .where('key', '=', key)
      .orderBy('position')
      .limit(1)
      .executeTakeFirst();

  const leave = async (jobId: string): Promise<void> => {
    await db.deleteFrom('concurrency_queue').where('job_id', '=', jobId).execute();
  };

  return {
    /** Takes the last place; a job that has a place keeps it. */
    async enter({ owner, type, key, jobId }: BusinessKey & { jobId: string }): Promise<void> {
      await db
        .insertInto('concurrency_queue')
        .values({ owner, type, key, job_id: jobId })
        .onConflict((conflict) => conflict.column('job_id').doNothing())
        .execute();
    },

    /**
     * The job that holds the key. Any reader takes over: a holder that has closed, or that Temporal has not heard of
     * 30 s after it took its place, is removed and the next one is looked at.
     * @param isOpen false for a closed job, null for an unknown one
     */
    async holder(
      key: BusinessKey,
      isOpen: (jobId: string) => Promise<boolean | null>,
    ): Promise<string | null> {
      for (;;) {
        const row = await first(key);
        if (!row) return null;
        const open = await isOpen(row.job_id);
        const starting = open === null && Date.now() - row.entered_at.getTime() < startLimitMs;
        if (open || starting) return row.job_id;
        await leave(row.job_id);
      }
    },

    /** Gives the place up. @returns the job whose turn it is now, if there is one. */
    async release(jobId: string): Promise<string | null> {
      const row = await db
        .deleteFrom('concurrency_queue')
        .where('job_id', '=', jobId)
        .returning(['owner', 'type', 'key'])
        .executeTakeFirst();
      return row ? ((await first(row))?.job_id ?? null) : null;
    },

    async depth({ owner, type, key }: BusinessKey): Promise<number> {
      const row = await db
        .selectFrom('concurrency_queue')
        .select((select) => select.fn.countAll<string>().as('jobs'))
        .where('owner', '=', owner)
        .where('type', '=', type)
        .where('key', '=', key)
        .executeTakeFirstOrThrow();
      return Number(row.jobs);
    },
  };
}

export type Concurrency = ReturnType<typeof createConcurrency>;
