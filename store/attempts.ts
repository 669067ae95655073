import { sql } from 'kysely';
import type { Database } from './database.js';
import type { Row } from './schema.js';

/** One try of an activity that a worker has. */
export interface AttemptUnderWay {
  jobId: string;
  runId: string;
  /** The id of the activity. */
  activity: string;
  attempt: number;
  /** Names this attempt to Temporal, and no later one. Whoever has it can end the attempt: it belongs in no log. */
  taskToken: Uint8Array;
}

/** The class of the advisory locks that workers hold; the worker's number is the other half. */
export const workerLocks = sql<number>`'attempts_under_way'::regclass::integer`;

/** Workers and their watchers come back this long after the server did, each in its own time. */
const settlingAfterStart = '10 seconds';

/** Below PostgreSQL's own patience with a client that has vanished, which is hours. */
const longestHold = '30s';

/**
 * What each worker is doing. A worker holds an advisory lock on its number in a session of its own (`lifeline.ts`).
 * PostgreSQL itself therefore knows which of them have died.
 */
export function createAttempts(db: Database) {
  return {
    /** What a worker has begun and ended since it noted that last. */
    async note(
      worker: number,
      { begun, ended }: { begun: readonly AttemptUnderWay[]; ended: readonly Uint8Array[] },
    ): Promise<void> {
      await sql`
        with ended as (delete from attempts_under_way where task_token = any(${ended.map((token) => Buffer.from(token))}::bytea[]))
        insert into attempts_under_way (worker, job_id, run_id, activity, attempt, task_token)
        select ${worker}::integer, * from unnest(
          ${begun.map(({ jobId }) => jobId)}::text[], ${begun.map(({ runId }) => runId)}::text[],
          ${begun.map(({ activity }) => activity)}::text[], ${begun.map(({ attempt }) => attempt)}::integer[],
          ${begun.map(({ taskToken }) => Buffer.from(taskToken))}::bytea[])
        on conflict (task_token) do nothing`.execute(db);
    },

    /** A worker that lives takes back all that it has noted. */
    async forget(worker: number): Promise<void> {
      await db.deleteFrom('attempts_under_way').where('worker', '=', worker).execute();
    },

    /** Workers that have something under way and whose session is gone. They may be about to come back. */
    async deserted(): Promise<number[]> {
      const { rows } = await sql<{ worker: number }>`
        select worker from (select distinct worker from attempts_under_way) as having_work
        where now() - pg_postmaster_start_time() > ${settlingAfterStart}::interval
          and pg_try_advisory_xact_lock_shared(${workerLocks}, worker)`.execute(db);
      return rows.map(({ worker }) => worker);
    },

    /**
     * Hands out what a dead worker had under way, to one process at a time. A worker that comes back meanwhile waits.
     * @param end whether it has ended the attempt; what it has not is handed out again
     * @returns how many attempts were ended
     */
    takeOver(worker: number, end: (attempt: AttemptUnderWay) => Promise<boolean>): Promise<number> {
      return db.transaction().execute(async (trx) => {
        await sql`select set_config('idle_in_transaction_session_timeout', ${longestHold}, true)`.execute(
          trx,
        );
        const { rows } = await sql<Row<'attempts_under_way'>>`
          select attempts_under_way.* from attempts_under_way
          join (select pg_try_advisory_xact_lock(${workerLocks}, ${worker}::integer) as mine) as claim on mine
          where worker = ${worker}`.execute(trx);
        const ended = await Promise.all(
          rows.map(async (row) => ((await end(toAttempt(row))) ? [row.task_token] : [])),
        );
        const done = ended.flat();
        if (done.length > 0)
          await trx.deleteFrom('attempts_under_way').where('task_token', 'in', done).execute();
        return done.length;
      });
    },
  };
}

const toAttempt = (row: Row<'attempts_under_way'>): AttemptUnderWay => ({
  jobId: row.job_id,
  runId: row.run_id,
  activity: row.activity,
  attempt: row.attempt,
  taskToken: row.task_token,
});

export type Attempts = ReturnType<typeof createAttempts>;
