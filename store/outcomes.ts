import type { FinalStatus } from '../job-types/contract/job.js';
import { sql } from 'kysely';
import type { Database } from './database.js';
import { type NewEvent, appending } from './events.js';
import { toJsonb } from './jsonb.js';
import { droppingKept } from './kept-answers.js';
import { settlingLost } from './model-calls.js';

/** A job after its end, in a form that outlives the namespace's retention. */
export interface ArchivedOutcome<Job = unknown> {
  jobId: string;
  runId: string;
  type: string;
  owner: string;
  status: FinalStatus;
  job: Job;
  finishedAt: string;
}

export function createOutcomes(db: Database) {
  return {
    /**
     * The frame's own archive comes first and repeats harmlessly; an observer's corrects it only for another end. Calls
     * of the job that nobody has settled are lost.
     * @param options.told is added to the job's log in the same transaction
     */
    async put(outcome: ArchivedOutcome, { told = [] }: { told?: readonly NewEvent[] } = {}): Promise<void> {
      const values = {
        run_id: outcome.runId,
        type: outcome.type,
        owner: outcome.owner,
        status: outcome.status,
        job: toJsonb(outcome.job),
        finished_at: outcome.finishedAt,
      };
      const put = db
        .insertInto('outcomes')
        .values({ job_id: outcome.jobId, ...values })
        .onConflict((conflict) => conflict.column('job_id').doUpdateSet(values));
      const last = told.length === 0 ? sql`select` : appending(outcome.jobId, told);
      const { jobId } = outcome;
      await sql`with put as (${put}), lost as (${settlingLost(jobId)}), dropped as (${droppingKept(jobId)}) ${last}`.execute(
        db,
      );
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
      };
    },
  };
}

export type Outcomes = ReturnType<typeof createOutcomes>;
