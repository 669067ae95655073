import type { ColumnType } from 'kysely';
import type { Database } from './database.js';

export interface CancellationsTable {
  job_id: string;
  requested_at: ColumnType<Date, never, never>;
  reason: string | null;
}

export interface Cancellation {
  requestedAt: string;
  reason: string | null;
}

/** When and why a cancel was asked for: Temporal's `describe` carries neither. */
export function createCancellations(db: Database) {
  const view = (row: { requested_at: Date; reason: string | null }): Cancellation => ({
    requestedAt: row.requested_at.toISOString(),
    reason: row.reason,
  });
  return {
    /** The first request counts; a repeated one returns it. */
    async request(jobId: string, options: { reason: string | null }): Promise<Cancellation> {
      const row = await db
        .insertInto('cancellations')
        .values({ job_id: jobId, reason: options.reason })
        .onConflict((conflict) => conflict.column('job_id').doUpdateSet({ job_id: jobId }))
        .returning(['requested_at', 'reason'])
        .executeTakeFirstOrThrow();
      return view(row);
    },

    async find(jobId: string): Promise<Cancellation | null> {
      const row = await db
        .selectFrom('cancellations')
        .select(['requested_at', 'reason'])
        .where('job_id', '=', jobId)
        .executeTakeFirst();
      return row ? view(row) : null;
    },
  };
}

export type Cancellations = ReturnType<typeof createCancellations>;
