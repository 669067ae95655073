import { sql } from 'kysely';
import type { EventType } from '../job-types/contract/event.js';
import type { Database } from './database.js';

/** What the database knows of a job at a glance: what it is about, and how far its log tells it is. */
export interface Glance {
  subject: string | null;
  /** The last thing that was told of a step; null before the first one has begun. */
  last: { step: string; type: EventType } | null;
  /** What that step told last of how far it is. */
  progress: { message?: string; done?: number; total?: number } | null;
  /** Steps that have succeeded, of those without items. */
  succeeded: number;
}

interface GlanceRow extends Glance {
  jobId: string;
}

/** As the index has it, word for word: it passes over the text that logs are full of. */
const isOfSteps = sql`type in ('step.started', 'step.failed', 'step.succeeded', 'job.progress')`;

/** For lists, which show many jobs and read none. */
export function createGlances(db: Database) {
  return {
    /** In one query; a job of which nothing has been told is left out. */
    async of(jobIds: readonly string[]): Promise<Map<string, Glance>> {
      if (jobIds.length === 0) return new Map();
      const { rows } = await sql<GlanceRow>`
        select log.job_id as "jobId", log.subject, last.told as last, progress.data as progress,
               coalesce(done.steps, 0)::integer as succeeded
        from event_logs as log
        left join lateral (
          select step, seq, jsonb_build_object('step', step, 'type', type) as told from events
          where job_id = log.job_id
            and ${isOfSteps}
            and type <> 'job.progress'
          order by seq desc limit 1) as last on true
        left join lateral (
          select data from events
          where job_id = log.job_id and seq > last.seq
            and ${isOfSteps}
            and type = 'job.progress'
          order by seq desc limit 1) as progress on true
        left join lateral (
          select count(distinct step) as steps from events
          where job_id = log.job_id
            and ${isOfSteps}
            and type = 'step.succeeded' and item is null) as done on true
        where log.job_id = any(${jobIds})`.execute(db);
      return new Map(rows.map(({ jobId, ...glance }) => [jobId, glance]));
    },
  };
}

export type Glances = ReturnType<typeof createGlances>;
