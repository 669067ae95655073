import { type ColumnType, type Selectable, sql } from 'kysely';
import type { EventType, JobEvent } from '../job-types/event.js';
import type { Database } from './database.js';

export interface EventLogsTable {
  job_id: string;
  last_seq: number;
  attempts: Record<string, number>;
  sealed: boolean;
}

export interface EventsTable {
  job_id: string;
  seq: number;
  key: string;
  type: string;
  time: ColumnType<Date, string, string>;
  step: string | null;
  attempt: number | null;
  data: ColumnType<Record<string, unknown>, string, string>;
}

export interface NewEvent {
  /** Unique in the job: a repeat adds nothing. */
  key: string;
  type: EventType;
  time: string;
  step?: string;
  attempt?: number;
  /** What the attempt counts within (a run's activity): an attempt older than the newest one here is refused. */
  scope?: string;
  data?: Record<string, unknown>;
}

/** The channel on which job ids are announced after their log has grown. */
export const eventsChannel = 'job_events';

/** One append-only log a job, numbered from 1 without gaps, in the order in which entries become visible. */
export function createEvents(db: Database) {
  return {
    async append(jobId: string, events: readonly NewEvent[]): Promise<void> {
      await sql`select append_events(${jobId}, ${JSON.stringify(events)}::jsonb)`.execute(db);
    },

    /** Wakes the readers of these jobs. Sent after the commit: inside the transaction it costs most of the insert rate. */
    async announce(jobIds: readonly string[]): Promise<void> {
      await sql`select pg_notify(${eventsChannel}, ${jobIds.join(' ')})`.execute(db);
    },

    async list(jobId: string, options: { after: number; limit: number }): Promise<JobEvent[]> {
      const rows = await db
        .selectFrom('events')
        .selectAll()
        .where('job_id', '=', jobId)
        .where('seq', '>', options.after)
        .orderBy('seq')
        .limit(options.limit)
        .execute();
      return rows.map(toEvent);
    },

    /** Only how the steps went, without the text. */
    async steps(jobId: string): Promise<JobEvent[]> {
      const rows = await db
        .selectFrom('events')
        .selectAll()
        .where('job_id', '=', jobId)
        .where('type', 'like', 'step.%')
        .orderBy('seq')
        .execute();
      return rows.map(toEvent);
    },
  };
}

const toEvent = (row: Selectable<EventsTable>): JobEvent => ({
  seq: row.seq,
  type: row.type as EventType,
  time: row.time.toISOString(),
  step: row.step,
  attempt: row.attempt,
  data: row.data as JobEvent['data'],
});

export type Events = ReturnType<typeof createEvents>;
