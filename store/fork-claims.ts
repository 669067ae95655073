import { sql } from 'kysely';
import type { Database } from './database.js';

/** A new job whose id is known before it is started, and the request that it comes of. */
export interface ForkClaim {
  jobId: string;
  fingerprint: string;
}

/**
 * Which of several requests with one Idempotency-Key may hand receipts on to the job that the key stands for. The receipts
 * have to be there before the job is started, and only the start tells whose job it is.
 */
export const createForkClaims = (db: Database) => ({
  /** @returns false when another request has the job, or is about to start it */
  async claim({ jobId, fingerprint }: ForkClaim): Promise<boolean> {
    const { rows } = await sql`
      insert into fork_claims (job_id, fingerprint, calls) values (${jobId}, ${fingerprint}, 1)
      on conflict (job_id) do update set calls = fork_claims.calls + 1
      where fork_claims.fingerprint = excluded.fingerprint
      returning job_id`.execute(db);
    return rows.length > 0;
  },

  /**
   * For a call that has claimed the job and certainly has not started it. With the last one the receipts go that were
   * handed on: whoever comes next under the key may want another job.
   */
  async release(jobId: string): Promise<void> {
    await db.transaction().execute(async (trx) => {
      const { rows } = await sql<{ calls: number }>`
        update fork_claims set calls = calls - 1 where job_id = ${jobId} returning calls`.execute(trx);
      if (rows[0]?.calls !== 0) return;
      await trx
        .deleteFrom('receipts')
        .where('root_job_id', '=', jobId)
        .where('copied_from', 'is not', null)
        .execute();
      await trx.deleteFrom('fork_claims').where('job_id', '=', jobId).execute();
    });
  },
});

export type ForkClaims = ReturnType<typeof createForkClaims>;
