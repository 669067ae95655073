import { sql } from 'kysely';
import type { EventType, JobEvent } from '../job-types/contract/event.js';
import type { Output } from '../job-types/contract/job.js';
import type { Database } from './database.js';
import { toJsonb } from './jsonb.js';
import type { Row } from './schema.js';

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

/**
 * What has been logged: `talk` is text and progress alone, of which the run itself knows nothing; `state` is all else,
 * and what nobody has looked into.
 */
export type News = 'state' | 'talk';

/** Stands before the id of a job of which there is only talk. No id of ours begins so. */
const talkMark = '~';

/** Events that change nothing in the run. */
const talk: ReadonlySet<EventType> = new Set(['output.delta', 'output.reset', 'job.progress']);

export const newsOf = (events: readonly Pick<NewEvent, 'type'>[]): News =>
  events.every(({ type }) => talk.has(type)) ? 'talk' : 'state';

export const readNotice = (payload: string): [jobId: string, news: News][] =>
  payload
    .split(' ')
    .map((word) => (word.startsWith(talkMark) ? [word.slice(talkMark.length), 'talk'] : [word, 'state']));

/** PostgreSQL refuses a payload of 8,000 bytes; an id has 200 at most, and may be marked. */
const mostIdsANotice = 39;

/** How far a log has got. `sealed`: its last entry is the end of the job. */
export interface LogHead {
  lastSeq: number;
  sealed: boolean;
}

/** What a step has told between its start and its end. */
export interface Said {
  output: Output | null;
  progress: Pick<JobEvent, 'step' | 'attempt' | 'data'> | null;
}

/** PostgreSQL's integer: a number beyond it is beyond every log. */
const largestSeq = 2_147_483_647;

/** The statement that adds what is new to the log of a job; it returns the log's last number. */
export const appending = (jobId: string, events: readonly NewEvent[]) =>
  sql`select append_events(${jobId}, ${toJsonb(events)}::jsonb)`;

/** One append-only log a job, numbered from 1 without gaps, in the order in which entries become visible. */
export function createEvents(db: Database) {
  return {
    async append(jobId: string, events: readonly NewEvent[]): Promise<void> {
      await appending(jobId, events).execute(db);
    },

    /** Wakes the readers of these jobs, of some of which there is only talk. Sent after the commit: inside the transaction it costs most of the insert rate. */
    async announce(jobIds: readonly string[], talkOf: readonly string[] = []): Promise<void> {
      const words = [...jobIds, ...talkOf.map((jobId) => talkMark + jobId)];
      for (let i = 0; i < words.length; i += mostIdsANotice) {
        const payload = words.slice(i, i + mostIdsANotice).join(' ');
        await sql`select pg_notify(${eventsChannel}, ${payload})`.execute(db);
      }
    },

    async list(jobId: string, options: { after: number; limit: number }): Promise<JobEvent[]> {
      const rows = await db
        .selectFrom('events')
        .selectAll()
        .where('job_id', '=', jobId)
        .where('seq', '>', Math.min(options.after, largestSeq))
        .orderBy('seq')
        .limit(options.limit)
        .execute();
      return rows.map(toEvent);
    },

    /** Of many logs in one query; a job whose log has no entry yet is left out. */
    async heads(jobIds: readonly string[]): Promise<Map<string, LogHead>> {
      const rows = await db
        .selectFrom('event_logs')
        .select(['job_id', 'last_seq', 'sealed'])
        .where(sql<boolean>`job_id = any(${jobIds})`)
        .execute();
      return new Map(rows.map((row) => [row.job_id, { lastSeq: row.last_seq, sealed: row.sealed }]));
    },

    /** What the model has said so far in the newest attempt that said anything, and how far the newest step that told is. */
    async said(jobId: string): Promise<Said> {
      const { rows } = await sql<Said>`
        select
          (select to_json(said) from (
            select step, attempt, string_agg(data ->> 'text', '' order by seq) as text
            from events
            where job_id = ${jobId} and type = 'output.delta' and (step, attempt) = (
              select step, attempt from events
              where job_id = ${jobId} and type = 'output.delta' order by seq desc limit 1)
            group by step, attempt) as said) as output,
          (select to_json(told) from (
            select step, attempt, data from events
            where job_id = ${jobId} and type = 'job.progress' order by seq desc limit 1) as told) as progress`.execute(
        db,
      );
      return rows[0] ?? { output: null, progress: null };
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

const toEvent = (row: Row<'events'>): JobEvent => ({
  seq: row.seq,
  type: row.type as EventType,
  time: row.time.toISOString(),
  step: row.step,
  attempt: row.attempt,
  data: row.data as JobEvent['data'],
});

export type Events = ReturnType<typeof createEvents>;
