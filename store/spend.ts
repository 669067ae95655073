import { sql } from 'kysely';
import type { JobSpend } from '../job-types/contract/spend.js';
import type { Database } from './database.js';
import { spanOf, sumsOf } from './reservations.js';
import { isWasted } from './usage.js';

export interface AskedJobs {
  owner: string;
  /** When the calls were made: from this moment on, and before that one. */
  from: string;
  to: string;
  limit: number;
}

/** The dearest first. What was spent in vain is part of the cost. */
export async function dearestJobs(db: Database, { owner, from, to, limit }: AskedJobs): Promise<JobSpend[]> {
  const { rows } = await sql<Omit<JobSpend, 'lastCallAt'> & { lastCallAt: Date }>`
    select spent.*, event_logs.subject from (
      select job_id as "jobId", min(job_type) as type, count(*)::integer as calls,
        coalesce(sum(cost_usd), 0)::float8 as "costUsd",
        coalesce(sum(cost_usd) filter (where ${isWasted}), 0)::float8 as "wastedUsd",
        coalesce(sum(saved_usd), 0)::float8 as "savedUsd",
        count(*) filter (where cost_usd is null or (outcome = 'reused' and saved_usd is null))::integer as "unpricedCalls",
        max(started_at) as "lastCallAt"
      from model_calls where owner = ${owner} and started_at >= ${from} and started_at < ${to}
      group by job_id having sum(cost_usd) > 0
      order by sum(cost_usd) desc, job_id limit ${limit}) as spent
    left join event_logs on event_logs.job_id = spent."jobId"
    order by spent."costUsd" desc, spent."jobId"`.execute(db);
  return rows.map((row) => ({ ...row, lastCallAt: row.lastCallAt.toISOString() }));
}

export interface SpentInSpan {
  span: 'day' | 'month';
  spentUsd: number;
  /** Set aside for calls under way. */
  heldUsd: number;
  renewsAt: string;
}

/** What an owner has spent of this day and of this month, as a call that has limits finds it. */
export const spentOfOwner = (db: Database, owner: string): Promise<SpentInSpan[]> =>
  Promise.all(
    (['day', 'month'] as const).map(async (span) => {
      const { from, to } = spanOf(span, new Date());
      const { usd, heldUsd } = await sumsOf(db, sql`owner = ${owner} and started_at >= ${from}`);
      return { span, spentUsd: usd, heldUsd, renewsAt: to };
    }),
  );
