import { sql } from 'kysely';
import type { Database } from './database.js';
import type { CancelMode, Row } from './schema.js';

export interface Cancellation {
  requestedAt: string;
  reason: string | null;
  mode: CancelMode;
  /** When the run is ended by force if it has not stopped by then; null for one from before there were deadlines. */
  deadline: string | null;
  /** The deadline passed, and the run was, or is being, ended by force. */
  escalated: boolean;
  /** Public id of the API key that asked; null without keys. */
  requestedBy: string | null;
}

export interface CancelOrder {
  jobId: string;
  runId: string;
  mode: CancelMode;
  reason: string | null;
  /** Seconds until the deadline, which is reckoned by the database's clock: hosts disagree. */
  gracePeriod: number;
  /** Public id of the API key that asks; null without keys. */
  by: string | null;
}

/** A cancellation whose deadline has passed, and whose run nobody has seen closed. */
export interface DueCancellation {
  jobId: string;
  /** Null for one from before there were deadlines. */
  runId: string | null;
  mode: CancelMode;
  reason: string | null;
  escalated: boolean;
  requestedBy: string | null;
}

/** The channel on which a cancel is announced to the workers, after Temporal has it. */
export const cancelsChannel = 'job_cancels';

/** Below PostgreSQL's own patience with a client that has vanished, which is hours. */
const longestHold = '30s';

/** When, why and until when a job was asked to stop: Temporal's `describe` carries none of it. */
export function createCancellations(db: Database) {
  return {
    /**
     * The first request for a run counts. A later one can only tighten it: force stays force, and the earlier deadline
     * holds. A run that an operator made by a reset starts afresh.
     */
    async request({ jobId, runId, mode, reason, gracePeriod, by }: CancelOrder): Promise<Cancellation> {
      const { rows } = await sql<Row<'cancellations'>>`
        insert into cancellations as known (job_id, run_id, mode, reason, requested_by, deadline)
        values (${jobId}, ${runId}, ${mode}, ${reason}, ${by}, now() + ${gracePeriod} * interval '1 second')
        on conflict (job_id) do update
        set (run_id, requested_at, mode, reason, requested_by, deadline, settled_at, escalated, announced_at) = (
          select excluded.run_id, now(), excluded.mode, excluded.reason, excluded.requested_by, excluded.deadline,
                 null, false, null
          where known.run_id is distinct from excluded.run_id
          union all
          select known.run_id, known.requested_at,
                 case when excluded.mode = 'force' then excluded.mode else known.mode end, known.reason,
                 known.requested_by, least(known.deadline, excluded.deadline), known.settled_at, known.escalated, known.announced_at
          where known.run_id = excluded.run_id
        )
        returning *`.execute(db);
      const [row] = rows;
      if (!row) throw new Error(`the cancellation of ${jobId} was neither added nor found`);
      return toCancellation(row);
    },

    /** @returns null when this run was not asked to stop, even if an earlier run of the job was. */
    async find({ jobId, runId }: { jobId: string; runId: string }): Promise<Cancellation | null> {
      const row = await db
        .selectFrom('cancellations')
        .selectAll()
        .where('job_id', '=', jobId)
        .where((run) => run.or([run('run_id', '=', runId), run('run_id', 'is', null)]))
        .executeTakeFirst();
      return row ? toCancellation(row) : null;
    },

    /**
     * Hands out cancellations that are due, each to one process at a time. It is another's turn when the call ends,
     * or when the process that made it dies. What is not settled meanwhile is handed out again.
     * @returns how many there were.
     */
    eachDue(limit: number, carryOut: (due: DueCancellation) => Promise<void>): Promise<number> {
      return db.transaction().execute(async (trx) => {
        await sql`select set_config('idle_in_transaction_session_timeout', ${longestHold}, true)`.execute(
          trx,
        );
        // Advisory locks, because the rows are written to while they are held. In any order, so that some that cannot be
        // carried out never keep the others waiting.
        const { rows } = await sql<Row<'cancellations'>>`
          select due.* from (
            select * from cancellations where settled_at is null and deadline <= now() order by random() limit ${limit}
          ) due where pg_try_advisory_xact_lock('cancellations'::regclass::integer, hashtext(due.job_id))`.execute(
          trx,
        );
        await Promise.all(
          rows.map((row) =>
            carryOut({
              jobId: row.job_id,
              runId: row.run_id,
              mode: row.mode,
              reason: row.reason,
              escalated: row.escalated,
              requestedBy: row.requested_by,
            }),
          ),
        );
        return rows.length;
      });
    },

    /** Written before the run is terminated, so that no reader of the closed run misses it. */
    async escalate(jobId: string): Promise<void> {
      await db.updateTable('cancellations').set({ escalated: true }).where('job_id', '=', jobId).execute();
    },

    /** The same time again from now on, for a request that has reached Temporal only now. */
    async rearm(jobId: string): Promise<void> {
      await sql`update cancellations set deadline = now() + (deadline - requested_at)
                where job_id = ${jobId} and settled_at is null`.execute(db);
    },

    /** The run is closed: nothing is left to carry out. */
    async settle(jobId: string, { escalated }: { escalated: boolean }): Promise<void> {
      await sql`update cancellations set settled_at = now(), escalated = ${escalated}
                where job_id = ${jobId} and settled_at is null`.execute(db);
    },

    /** Tells the workers, those who do not hear it too; call it when the cancel itself is durable. */
    async announce({ jobId, runId }: { jobId: string; runId: string }): Promise<void> {
      // Apart, because of all transactions that notify one commits at a time. Together, many cancels at once would
      // be slow, and so would whatever else is announced meanwhile.
      await Promise.all([
        sql`select pg_notify(${cancelsChannel}, ${`${jobId} ${runId}`})`.execute(db),
        sql`update cancellations set announced_at = now()
            where job_id = ${jobId} and run_id = ${runId}`.execute(db),
      ]);
    },

    /** Which of these runs were announced, and have not been seen closed. */
    async announced(runIds: readonly string[]): Promise<string[]> {
      const rows = await db
        .selectFrom('cancellations')
        .select('run_id')
        .where('settled_at', 'is', null)
        .where('announced_at', 'is not', null)
        .where(sql<boolean>`run_id = any(${runIds})`)
        .execute();
      return rows.flatMap(({ run_id: runId }) => runId ?? []);
    },
  };
}

const toCancellation = (row: Row<'cancellations'>): Cancellation => ({
  requestedAt: row.requested_at.toISOString(),
  reason: row.reason,
  mode: row.mode,
  deadline: row.deadline?.toISOString() ?? null,
  escalated: row.escalated,
  requestedBy: row.requested_by,
});

export type Cancellations = ReturnType<typeof createCancellations>;
