import { sql } from 'kysely';
import type { EventType, JobEvent } from '../job-types/contract/event.js';
import type { JobStatus, Output } from '../job-types/contract/job.js';
import type { Database } from './database.js';
import { toJsonb } from './jsonb.js';
import type { Row } from './schema.js';

export interface NewEvent {
  /** Unique in the job: a repeat adds nothing. */
  key: string;
  type: EventType;
  time: string;
  step?: string;
  /** Of a step that is done for several. */
  item?: string;
  attempt?: number;
  /** The run that tells it, where neither its scope nor its key begins with that. */
  run?: string;
  /** What the attempt counts within (a run's activity): an attempt older than the newest one here is refused. */
  scope?: string;
  data?: Record<string, unknown>;
  /** Kept with the log, for lists and feeds; what somebody has told before stays. */
  about?: About;
  /** Keys of events that make this one old news: with one of them in the log it adds nothing. */
  unless?: readonly string[];
}

/** What a job is, as who appends knows it. Whose feed a job belongs to is known from here alone. */
export interface About {
  owner: string;
  type: string;
  subject?: string;
  tags?: readonly string[];
}

/** The key of `job.<status>`, of which a log keeps one a run. */
export const stateKey = (runId: string, status: JobStatus): string => `${runId}/${status}`;

/** The channel on which job ids are announced after their log has grown. */
export const eventsChannel = 'job_events';

/** The channel on which owners are announced after their feed has grown. */
export const feedsChannel = 'owner_feeds';

export const readFeedNotice = (payload: string): string[] => payload.split(' ').map(decodeURIComponent);

/**
 * What has been logged. `talk` is text and progress alone, of which the run itself knows nothing. `state` is all
 * else, and what nobody has looked into.
 */
export type News = 'state' | 'talk';

/** Stands before the id of a job of which there is only talk. No id of ours begins so. */
const talkMark = '~';

/** Events that change nothing in the run. */
const talk: ReadonlySet<EventType> = new Set([
  ...(['output.delta', 'output.reasoning', 'output.reset'] as const),
  'job.progress',
]);

export const newsOf = (events: readonly Pick<NewEvent, 'type'>[]): News =>
  events.every(({ type }) => talk.has(type)) ? 'talk' : 'state';

export const readNotice = (payload: string): [jobId: string, news: News][] =>
  payload
    .split(' ')
    .map((word) => (word.startsWith(talkMark) ? [word.slice(talkMark.length), 'talk'] : [word, 'state']));

/** PostgreSQL refuses a payload of 8,000 bytes; an id has 200 at most, and may be marked; an owner has 64. */
const mostWordsANotice = 39;

const inParts = (words: readonly string[]): string[] =>
  Array.from({ length: Math.ceil(words.length / mostWordsANotice) }, (_, part) =>
    words.slice(part * mostWordsANotice, (part + 1) * mostWordsANotice).join(' '),
  );

/** How far a log has got. `sealed`: its last entry is the end of the job. */
export interface LogHead {
  lastSeq: number;
  sealed: boolean;
}

/** What a step has told between its start and its end. */
export interface Said {
  output: Output | null;
  progress: Pick<JobEvent, 'step' | 'item' | 'attempt' | 'data'> | null;
}

/** What was told of a step, and whether by the run that was asked about. */
export type ToldStep = JobEvent & { ofRun: boolean };

/** What was told of the items of a step, taken together. */
export interface ToldItems {
  step: string;
  done: number;
  /** For good. */
  failed: number;
  /** Begun and not ended, or to be tried again. */
  open: number;
  startedAt: string;
  lastAt: string;
}

/** PostgreSQL's integer: a number beyond it is beyond every log. */
const largestSeq = 2_147_483_647;

/** The statement that adds what is new to the log of a job, and its states to the feed of its owner. */
export const appending = (jobId: string, events: readonly NewEvent[]) =>
  sql<{ fed: string | null }>`select append_events(${jobId}, ${toJsonb(events)}::jsonb) as fed`;

export interface Grown {
  /** Jobs of which there is only talk. */
  talkOf?: readonly string[];
  /** Whose feeds have grown. */
  owners?: readonly string[];
}

/** Of an event of a step: it has failed, and is not tried again. */
export const failedForGood = sql<boolean>`(type = 'step.failed' and data #>> '{failure,retryable}' = 'false')`;

/** One append-only log a job, numbered from 1 without gaps, in the order in which entries become visible. */
export function createEvents(db: Database) {
  return {
    /** @returns the owner whose feed has grown by it, to be announced; null when none has */
    async append(jobId: string, events: readonly NewEvent[]): Promise<string | null> {
      const { rows } = await appending(jobId, events).execute(db);
      return rows[0]?.fed ?? null;
    },

    /** Wakes the readers of these logs and feeds. Sent after the commit: inside the transaction it costs most of the insert rate. */
    async announce(jobIds: readonly string[], { talkOf = [], owners = [] }: Grown = {}): Promise<void> {
      const words = [...jobIds, ...talkOf.map((jobId) => talkMark + jobId)];
      const notices = [
        ...inParts(words).map((payload) => [eventsChannel, payload]),
        ...inParts(owners.map(encodeURIComponent)).map((payload) => [feedsChannel, payload]),
      ];
      if (notices.length === 0) return;
      await sql`select pg_notify(one ->> 0, one ->> 1)
                from jsonb_array_elements(${toJsonb(notices)}::jsonb) as one`.execute(db);
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

    /** What the model has said so far in the newest attempt of a run that said anything, and how far its newest step is. */
    async said({ jobId, runId }: { jobId: string; runId: string }): Promise<Said> {
      const ofRun = sql`job_id = ${jobId} and starts_with(key, ${`${runId}/`})`;
      const { rows } = await sql<Said>`
        select
          (select to_json(said) from (
            select step, attempt, string_agg(data ->> 'text', '' order by seq) as text
            from events
            where ${ofRun} and type = 'output.delta' and (step, coalesce(item, ''), attempt) = (
              select step, coalesce(item, ''), attempt from events
              where ${ofRun} and type = 'output.delta' order by seq desc limit 1)
            group by step, attempt) as said) as output,
          (select to_json(told) from (
            select step, item, attempt, data from events
            where ${ofRun} and type = 'job.progress' order by seq desc limit 1) as told) as progress`.execute(
        db,
      );
      return rows[0] ?? { output: null, progress: null };
    },

    /**
     * Only how the steps went that have no items, without the text, and whether the run given told it or one before it.
     */
    async steps({ jobId, runId }: { jobId: string; runId: string }): Promise<ToldStep[]> {
      const rows = await db
        .selectFrom('events')
        .selectAll()
        .where('job_id', '=', jobId)
        .where('type', 'like', 'step.%')
        .where('item', 'is', null)
        .orderBy('seq')
        .execute();
      return rows.map((row) => ({ ...toEvent(row), ofRun: row.key.startsWith(`${runId}/`) }));
    },

    /** How the items of its steps went, however many there are; a step without items is left out. */
    async items(jobId: string): Promise<ToldItems[]> {
      const { rows } = await sql<ToldItems & { startedAt: Date; lastAt: Date }>`
        select step, count(*) filter (where type = 'step.succeeded')::integer as done,
          count(*) filter (where for_good)::integer as failed,
          count(*) filter (where type = 'step.started' or type = 'step.failed' and not for_good)::integer as open,
          min(begun) as "startedAt", max(time) as "lastAt"
        from (
          select distinct on (step, item) step, type, time, ${failedForGood} as for_good,
            min(time) over (partition by step) as begun
          from events
          where job_id = ${jobId} and item is not null and type in ('step.started', 'step.failed', 'step.succeeded')
          order by step, item, seq desc) as item
        group by step order by min(begun)`.execute(db);
      return rows.map((row) => ({
        ...row,
        startedAt: row.startedAt.toISOString(),
        lastAt: row.lastAt.toISOString(),
      }));
    },
  };
}

export const toEvent = (row: Row<'events'>): JobEvent => ({
  seq: row.seq,
  type: row.type as EventType,
  time: row.time.toISOString(),
  step: row.step,
  item: row.item,
  attempt: row.attempt,
  data: row.data as JobEvent['data'],
});

export type Events = ReturnType<typeof createEvents>;
