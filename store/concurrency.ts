import { sql } from 'kysely';
import type { Database } from './database.js';
import { isDatabaseRefusal } from './unavailable.js';

export interface BusinessKey {
  owner: string;
  type: string;
  key: string;
}

export type Place = BusinessKey & { jobId: string };

/** Whether Temporal still runs a job: false once it has closed, null when Temporal does not know it. */
export type IsOpen = (jobId: string) => Promise<boolean | null>;

/** A row is written before its job is started; after this long without a job, the start has failed. */
const startLimit = '30 seconds';

/**
 * Who may run under a concurrency key. It is the job whose run has taken hold of the key, otherwise the one with
 * the lowest position. The others queue, first in, first out. A place alone is no right to run: the process that
 * took it may sleep through the time in which it counts.
 */
export function createConcurrency(db: Database) {
  const ofKey = ({ owner, type, key }: BusinessKey) =>
    db
      .selectFrom('concurrency_queue')
      .where('owner', '=', owner)
      .where('type', '=', type)
      .where('key', '=', key);

  const head = (key: BusinessKey) => ofKey(key).orderBy('held', 'desc').orderBy('position').limit(1);

  /** Removes the head until it is one that counts. */
  const livingHead = async (key: BusinessKey, isOpen: IsOpen) => {
    for (;;) {
      const row = await head(key)
        .select(['position', 'job_id', 'held'])
        .select(sql<boolean>`now() - entered_at < ${startLimit}::interval`.as('fresh'))
        .executeTakeFirst();
      if (!row) return null;
      const open = await isOpen(row.job_id);
      if (open || (open === null && row.fresh)) return row;
      // Not when it has taken hold of the key since it was looked at: it was being started at that moment.
      await db
        .deleteFrom('concurrency_queue')
        .where('position', '=', row.position)
        .where('held', '=', row.held)
        .execute();
    }
  };

  /** Gives the place up, whoever is next. */
  const leave = async (jobId: string): Promise<void> => {
    await db.deleteFrom('concurrency_queue').where('job_id', '=', jobId).execute();
  };

  return {
    /** Takes the last place; a job that has a place keeps it. */
    async enter({ owner, type, key, jobId }: Place): Promise<void> {
      await db
        .insertInto('concurrency_queue')
        .values({ owner, type, key, job_id: jobId })
        .onConflict((conflict) => conflict.column('job_id').doNothing())
        .execute();
    },

    /**
     * The job whose turn it is. Any reader takes over. A job that has closed is removed, and so is one that
     * Temporal has not heard of 30 s after it took its place. Then the next one is looked at.
     */
    async holder(key: BusinessKey, isOpen: IsOpen): Promise<string | null> {
      return (await livingHead(key, isOpen))?.job_id ?? null;
    },

    /**
     * Takes hold of the key for a job that runs and is the first.
     * @returns false when it is not, or has lost its place
     */
    async hold({ jobId, ...key }: Place): Promise<boolean> {
      try {
        const row = await db
          .updateTable('concurrency_queue')
          .set({ held: true })
          .where('job_id', '=', jobId)
          .where('position', '=', head(key).select('position'))
          .returning('job_id')
          .executeTakeFirst();
        return row !== undefined;
      } catch (error) {
        if (isTaken(error)) return false;
        throw error;
      }
    },

    /**
     * Gives the place up. Those behind it that have ended in the queue are passed over, as `holder` does it.
     * @returns the job whose turn it is now and that does not work yet, if there is one. The answer is the same
     * when repeated. If a process dies between this and calling that job, another one calls it.
     */
    async release({ jobId, ...key }: Place, isOpen: IsOpen): Promise<string | null> {
      await leave(jobId);
      const next = await livingHead(key, isOpen);
      return next && !next.held ? next.job_id : null;
    },

    leave,

    async depth(key: BusinessKey): Promise<number> {
      const row = await ofKey(key)
        .select((select) => select.fn.countAll<string>().as('jobs'))
        .executeTakeFirstOrThrow();
      return Number(row.jobs);
    },
  };
}

/** SQLSTATE unique_violation: two jobs took hold at the same moment, and the other was faster. */
const isTaken = (error: unknown): boolean =>
  isDatabaseRefusal(error) && (error as { code?: unknown }).code === '23505';

export type Concurrency = ReturnType<typeof createConcurrency>;
