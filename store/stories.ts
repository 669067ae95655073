import { type Transaction, sql } from 'kysely';
import type { PlannedSegment } from '../job-types/fields/story-plan.js';
import type { MissingSegment, SegmentReview, StoryLine } from '../job-types/fields/story.js';
import { containing } from './containing.js';
import type { Database } from './database.js';
import { toJsonb } from './jsonb.js';
import type { Schema } from './schema.js';

export interface StoryKey {
  owner: string;
  subject: string;
}

export interface NewStory extends StoryKey {
  player: string;
  /** A job and its retries write one story. */
  rootJobId: string;
  jobId: string;
  researchVersion: number;
  title: string;
  plan: readonly PlannedSegment[];
  provider: string;
}

/** A segment as it is written: a text, or lines where people speak. */
export interface SegmentText {
  text: string | null;
  lines: StoryLine[] | null;
}

export interface NewSegment extends SegmentText {
  storyId: string;
  /** From 1. */
  number: number;
  /** How often it was written. */
  rounds: number;
  review: SegmentReview | null;
  /** Why nobody reviewed it; null where somebody did. */
  reviewFailure: string | null;
  provider: string;
  jobId: string;
}

/** `writing` also in the moment between the last segment and the end. */
export type StoryStatus = 'writing' | 'complete' | 'partial';

/** A story without its text, as lists show it. */
export interface StorySummary {
  id: string;
  subject: string;
  player: string;
  title: string;
  status: StoryStatus;
  /** How many there are. */
  segments: number;
  planned: number;
  missing: MissingSegment[];
  researchVersion: number;
  provider: string;
  jobId: string;
  createdAt: string;
  finishedAt: string | null;
}

export type StoredSegment = Omit<NewSegment, 'storyId' | 'jobId'>;

export interface PlannedStory extends StorySummary {
  plan: PlannedSegment[];
}

export interface StoredStory extends PlannedStory {
  /** In their order. */
  written: StoredSegment[];
}

type SummaryRow = Omit<StorySummary, 'createdAt' | 'finishedAt'> & {
  createdAt: Date;
  finishedAt: Date | null;
};

/** One whose job has ended without finishing it stays as it is, which is in part. */
const summaryColumns = sql.raw(`
  s.id::text as id, s.subject, s.player, s.title,
  case when s.status = 'writing' and exists (select from outcomes where job_id = s.job_id) then 'partial'
    else s.status end as status,
  (select count(*)::int from story_segments where story_id = s.id) as segments,
  json_array_length(s.plan) as planned, s.missing, s.research_version as "researchVersion", s.provider,
  s.job_id as "jobId", s.created_at as "createdAt", s.finished_at as "finishedAt"`);

/** A story that is being written does not hide one that is done. What was finished last is what a subject has. */
const latestFirst = sql.raw(`(s.status <> 'writing') desc, s.finished_at desc nulls last, s.id desc`);

const shown = <Shown extends SummaryRow>(row: Shown) => ({
  ...row,
  createdAt: row.createdAt.toISOString(),
  finishedAt: row.finishedAt?.toISOString() ?? null,
});

/** Puts a segment to its story, in the place of one that an earlier run has written. False: the story was deleted. */
export async function appendSegment(trx: Transaction<Schema>, segment: NewSegment): Promise<boolean> {
  const story = await trx
    .selectFrom('stories')
    .select('id')
    .where('id', '=', segment.storyId)
    .forShare()
    .executeTakeFirst();
  if (!story) return false;
  const { text, lines, rounds, review, reviewFailure, provider, jobId } = segment;
  const values = {
    body: text,
    lines: lines && toJsonb(lines),
    rounds,
    review: review && toJsonb(review),
    review_failure: reviewFailure,
    provider,
    job_id: jobId,
  };
  await trx
    .insertInto('story_segments')
    .values({ story_id: segment.storyId, number: segment.number, ...values })
    .onConflict((conflict) => conflict.columns(['story_id', 'number']).doUpdateSet(values))
    .execute();
  return true;
}

/** @returns how many segments there are; null: the story was deleted */
export async function finishStory(
  trx: Transaction<Schema>,
  { storyId, missing, jobId }: { storyId: string; missing: readonly MissingSegment[]; jobId: string },
): Promise<{ segments: number } | null> {
  const row = await trx
    .updateTable('stories')
    .set({
      status: missing.length > 0 ? 'partial' : 'complete',
      missing: toJsonb(missing),
      job_id: jobId,
      finished_at: sql<Date>`now()`,
    })
    .where('id', '=', storyId)
    .returning(
      sql<number>`(select count(*)::int from story_segments where story_id = stories.id)`.as('segments'),
    )
    .executeTakeFirst();
  return row ?? null;
}

export function createStories(db: Database) {
  const segmentsOf = async (storyId: string, only?: number): Promise<StoredSegment[]> => {
    const rows = await db
      .selectFrom('story_segments')
      .selectAll()
      .where('story_id', '=', storyId)
      .$if(only !== undefined, (query) => query.where('number', '=', only ?? 0))
      .orderBy('number')
      .execute();
    return rows.map(({ number, body, lines, rounds, review, review_failure, provider }) => ({
      ...{ number, text: body, lines, rounds, review, reviewFailure: review_failure, provider },
    }));
  };

  /** The story of a subject without its text; null when there is none. @param key.jobId the one that this job writes */
  const find = async ({
    owner,
    subject,
    jobId = null,
  }: StoryKey & { jobId?: string | null | undefined }): Promise<PlannedStory | null> => {
    const { rows } = await sql<SummaryRow & { plan: PlannedSegment[] }>`
      select ${summaryColumns}, s.plan
      from stories as s
      where s.owner = ${owner} and s.subject = ${subject} and (${jobId}::text is null or s.job_id = ${jobId})
      order by ${latestFirst} limit 1`.execute(db);
    const [row] = rows;
    return row ? shown(row) : null;
  };

  return {
    find,

    /** Begins the story of a job, or goes on with it in a retry. If the plan is another by now, it begins anew. */
    async begin({ rootJobId, jobId, researchVersion, plan, ...rest }: NewStory): Promise<string> {
      return db.transaction().execute(async (trx) => {
        const known = await trx
          .selectFrom('stories')
          .select(['id', sql<boolean>`plan::jsonb <> ${toJsonb(plan)}::jsonb`.as('anew')])
          .where('root_job_id', '=', rootJobId)
          .forUpdate()
          .executeTakeFirst();
        if (known?.anew) await trx.deleteFrom('story_segments').where('story_id', '=', known.id).execute();
        const values = {
          ...rest,
          job_id: jobId,
          research_version: researchVersion,
          plan: toJsonb(plan),
          status: 'writing',
          missing: '[]',
          finished_at: null,
        } as const;
        const { id } = await trx
          .insertInto('stories')
          .values({ ...values, root_job_id: rootJobId })
          .onConflict((conflict) => conflict.column('root_job_id').doUpdateSet(values))
          .returning('id')
          .executeTakeFirstOrThrow();
        return id;
      });
    },

    /** What a segment is written from; null when the story was deleted. */
    async planOf(storyId: string): Promise<{
      owner: string;
      subject: string;
      player: string;
      title: string;
      researchVersion: number;
      plan: PlannedSegment[];
    } | null> {
      const row = await db
        .selectFrom('stories')
        .select(['owner', 'subject', 'player', 'title', 'research_version', 'plan'])
        .where('id', '=', storyId)
        .executeTakeFirst();
      if (!row) return null;
      const { research_version: researchVersion, ...rest } = row;
      return { ...rest, researchVersion };
    },

    /** The segment of this number; null when there is none. */
    async segment(storyId: string, number: number): Promise<StoredSegment | null> {
      const [segment] = await segmentsOf(storyId, number);
      return segment ?? null;
    },

    /** The story of each subject, the newest first. */
    async list({
      owner,
      search,
      before = null,
      limit,
    }: {
      owner: string;
      /** A part of the subject, title or name. */
      search?: string | undefined;
      /** Rows with a smaller id, for the next page. */
      before?: string | null | undefined;
      limit: number;
    }): Promise<StorySummary[]> {
      const pattern = containing(search);
      const { rows } = await sql<SummaryRow>`
        select ${summaryColumns}
        from (
          select distinct on (s.subject) s.* from stories as s where s.owner = ${owner}
          order by s.subject, ${latestFirst}) as s
        where (${before}::bigint is null or s.id < ${before})
          and (${pattern}::text is null
            or s.subject ilike ${pattern} or s.title ilike ${pattern} or s.player ilike ${pattern})
        order by s.id desc limit ${limit}`.execute(db);
      return rows.map(shown);
    },

    /** The same with its text. */
    async read(key: Parameters<typeof find>[0]): Promise<StoredStory | null> {
      const story = await find(key);
      return story && { ...story, written: await segmentsOf(story.id) };
    },

    /** All that was written of a subject. What a job still writes of it goes nowhere. @returns whether there was any */
    async remove({ owner, subject }: StoryKey): Promise<boolean> {
      const { numDeletedRows } = await db
        .deleteFrom('stories')
        .where('owner', '=', owner)
        .where('subject', '=', subject)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

export type Stories = ReturnType<typeof createStories>;
