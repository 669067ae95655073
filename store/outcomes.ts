import type { FinalStatus, Usage } from '../job-types/contract/job.js';
import { sql } from 'kysely';
import type { Database } from './database.js';
import { type NewEvent, appending } from './events.js';
import { droppingKept } from './kept-answers.js';
import { settlingLost } from './model-calls.js';
import { keepUsage } from './usage.js';

/** A job after its end, in a form that outlives the namespace's retention. */
export interface ArchivedOutcome<Job = unknown> {
  jobId: string;
  runId: string;
  type: string;
  owner: string;
  status: FinalStatus;
  job: Job;
  finishedAt: string;
  /** What its calls had cost by then. Null without a call, and where it was not kept; left out by who records it. */
  usage?: Usage | null;
  /** By the database's clock, as that of cancels is; left out by who records it. */
  archivedAt?: string;
}

export interface Recording {
  /** Is added to the job's log in the same transaction. */
  told?: readonly NewEvent[];
  /** Of a run that somebody else than its workflow has ended: what its steps still do comes to nothing from here on. */
  fromOutside?: { rootJobId: string };
}

export function createOutcomes(db: Database) {
  const insert = async (
    trx: Database,
    { told, ...outcome }: ArchivedOutcome & { told: readonly NewEvent[] },
  ): Promise<void> => {
    const values = {
      run_id: outcome.runId,
      type: outcome.type,
      owner: outcome.owner,
      status: outcome.status,
      // A column of json, which takes what jsonb refuses: a job says the same before and after Temporal forgets it.
      job: JSON.stringify(outcome.job),
      finished_at: outcome.finishedAt,
    };
    const put = trx
      .insertInto('outcomes')
      .values({ job_id: outcome.jobId, ...values })
      .onConflict((conflict) =>
        conflict
          .column('job_id')
          .doUpdateSet({ ...values, archived_at: sql<Date>`now()`, usage: null })
          // What has been told of an end is not told otherwise later.
          .where((where) =>
            where.or([
              where('outcomes.run_id', '!=', outcome.runId),
              where('outcomes.status', '!=', outcome.status),
            ]),
          ),
      );
    // The log is locked even when nothing is told: a step's event comes before the record or not at all.
    const { jobId } = outcome;
    await sql`with put as (${put}), lost as (${settlingLost(jobId)}), dropped as (${droppingKept(jobId)})
      ${appending(jobId, told)}`.execute(trx);
    await keepUsage(trx, jobId);
  };

  return {
    /**
     * The record of a job's end: written once, and again only for another end. Calls of the job that nobody has settled
     * are lost.
     */
    async put(outcome: ArchivedOutcome, { told = [], fromOutside }: Recording = {}): Promise<void> {
      if (!fromOutside) return insert(db, { ...outcome, told });
      const { jobId, runId } = outcome;
      await db.transaction().execute(async (trx) => {
        await sql`select append_events(${jobId}, '[]')`.execute(trx);
        await sql`select pg_advisory_xact_lock('outcomes'::regclass::integer, hashtext(${runId}))`.execute(
          trx,
        );
        await tellEffects(trx, { jobId, runId, ...fromOutside });
        await insert(trx, { ...outcome, told });
      });
    },

    /** How the jobs given ended, of those that are archived. */
    async ends(jobIds: readonly string[]): Promise<Map<string, { runId: string; status: FinalStatus }>> {
      if (jobIds.length === 0) return new Map();
      const rows = await db
        .selectFrom('outcomes')
        .select(['job_id', 'run_id', 'status'])
        .where('job_id', 'in', jobIds)
        .execute();
      return new Map(
        rows.map((row) => [row.job_id, { runId: row.run_id, status: row.status as FinalStatus }]),
      );
    },

    async find<Job>(jobId: string): Promise<ArchivedOutcome<Job> | null> {
      const row = await db.selectFrom('outcomes').selectAll().where('job_id', '=', jobId).executeTakeFirst();
      if (!row) return null;
      return {
        jobId: row.job_id,
        runId: row.run_id,
        type: row.type,
        owner: row.owner,
        status: row.status as FinalStatus,
        job: row.job as Job,
        finishedAt: row.finished_at.toISOString(),
        usage: row.usage,
        archivedAt: row.archived_at.toISOString(),
      };
    },
  };
}

/** A step whose effect is there has succeeded, also when its worker was ended before it could say so. */
async function tellEffects(
  trx: Database,
  { jobId, runId, rootJobId }: { jobId: string; runId: string; rootJobId: string },
): Promise<void> {
  const ofRun = `${runId}/`;
  const told = (type: string) =>
    sql`job_id = ${jobId} and step = receipts.step and coalesce(item, '') = receipts.item and type = ${type} and starts_with(key, ${ofRun})`;
  await sql`
    select append_events(${jobId}, coalesce(jsonb_agg(jsonb_build_object(
      'key', concat(${ofRun}::text, step, nullif(concat(':', item), ':'), '/effect'), 'type', 'step.succeeded',
      'time', now(), 'step', step, 'item', nullif(item, ''),
      'attempt', coalesce((select max(attempt) from events where ${told('step.started')}), 1))), '[]'))
    from receipts
    where root_job_id = ${rootJobId} and run_id = ${runId} and not voided and outcome is not null
      and not exists (select from events where ${told('step.succeeded')})`.execute(trx);
}

export type Outcomes = ReturnType<typeof createOutcomes>;
