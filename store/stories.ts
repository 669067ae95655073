import { isDeepStrictEqual } from 'node:util';
import { type Transaction, sql } from 'kysely';
import type { PlannedSegment } from '../job-types/fields/story-plan.js';
import type { MissingSegment, StoryParts } from '../job-types/fields/story.js';
import { containing } from './containing.js';
import type { Database } from './database.js';
import { toJsonb } from './jsonb.js';
import type { Schema } from './schema.js';
import type { NewSegment } from './story-writing.js';

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
  /** From 1, which is the job's own; each edit adds one. */
  version: number;
  latestVersion: number;
  /** Public id of the API key that wrote this version; null without keys, and for the job's. */
  writtenBy: string | null;
  /** When a person wrote this version; null for the job's. */
  editedAt: string | null;
}

export type StoredSegment = Omit<NewSegment, 'storyId' | 'jobId'>;

export interface PlannedStory extends StorySummary {
  plan: PlannedSegment[];
}

export interface StoredStory extends PlannedStory {
  /** In their order; what a person has written in the place of what the job wrote. */
  written: (StoredSegment & { edited: boolean })[];
}

type SummaryRow = Omit<StorySummary, 'createdAt' | 'finishedAt' | 'editedAt'> & {
  createdAt: Date;
  finishedAt: Date | null;
  editedAt: Date | null;
};

/** One whose job has ended without finishing it stays as it is, which is in part. Of the story `s`. */
export const storyStatus = sql.raw(
  `case when s.status = 'writing' and exists (select from outcomes where job_id = s.job_id) then 'partial'
    else s.status end`,
);

/** Of the story `s` and what a person has written of it, `v`, which is missing for the job's own version. */
const summaryColumns = sql`
  s.id::text as id, s.subject, s.player, coalesce(v.title, s.title) as title, ${storyStatus} as status,
  (select count(*)::int from story_segments where story_id = s.id) as segments,
  json_array_length(s.plan) as planned, s.missing, s.research_version as "researchVersion", s.provider,
  s.job_id as "jobId", s.created_at as "createdAt", s.finished_at as "finishedAt",
  coalesce(v.version, s.own_version) as version, s.version as "latestVersion", v.written_by as "writtenBy",
  v.created_at as "editedAt"`;

interface Asked extends StoryKey {
  /** The one that this job writes; the one that was finished last when left out. */
  jobId?: string | null | undefined;
  /** The latest when left out. */
  version?: number | null | undefined;
}

/** A story that is being written does not hide one that is done. What was finished last is what a subject has. */
const latestFirst = sql.raw(`(s.status <> 'writing') desc, s.finished_at desc nulls last, s.id desc`);

const shown = <Shown extends SummaryRow>(row: Shown) => ({
  ...row,
  createdAt: row.createdAt.toISOString(),
  finishedAt: row.finishedAt?.toISOString() ?? null,
  editedAt: row.editedAt?.toISOString() ?? null,
});

/** What people have written of another plan goes too. The number of no version is given twice. */
async function forgetTexts(trx: Transaction<Schema>, storyId: string): Promise<void> {
  await trx.deleteFrom('story_segments').where('story_id', '=', storyId).execute();
  await trx.deleteFrom('story_versions').where('story_id', '=', storyId).execute();
  await trx
    .updateTable('stories')
    .set({ version: sql<number>`version + 1`, own_version: sql<number>`version + 1` })
    .where('id', '=', storyId)
    .execute();
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

  const findWithParts = async ({
    owner,
    subject,
    jobId = null,
    version = null,
  }: Asked): Promise<{ story: PlannedStory; parts: StoryParts } | null> => {
    const { rows } = await sql<SummaryRow & { plan: PlannedSegment[]; parts: StoryParts | null }>`
      with found as (
        select * from stories as s
        where s.owner = ${owner} and s.subject = ${subject} and (${jobId}::text is null or s.job_id = ${jobId})
        order by ${latestFirst} limit 1)
      select ${summaryColumns}, s.plan, v.parts
      from found as s
      left join story_versions as v on v.story_id = s.id and v.version = coalesce(${version}, s.version)
      where v.version is not null or s.own_version = coalesce(${version}, s.version)`.execute(db);
    const [row] = rows;
    if (!row) return null;
    const { parts, ...story } = row;
    return { story: shown(story), parts: parts ?? {} };
  };

  /** The story of a subject without its text; null when there is none. */
  const find = async (asked: Asked): Promise<PlannedStory | null> =>
    (await findWithParts(asked))?.story ?? null;

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
        if (known?.anew) await forgetTexts(trx, known.id);
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
        left join story_versions as v on v.story_id = s.id and v.version = s.version
        where (${before}::bigint is null or s.id < ${before})
          and (${pattern}::text is null
            or s.subject ilike ${pattern} or coalesce(v.title, s.title) ilike ${pattern} or s.player ilike ${pattern})
        order by s.id desc limit ${limit}`.execute(db);
      return rows.map(shown);
    },

    /** The same with its text. */
    async read(asked: Asked): Promise<StoredStory | null> {
      const found = await findWithParts(asked);
      if (!found) return null;
      const { story, parts } = found;
      const own = await segmentsOf(story.id);
      const written = own.map((segment) => {
        const { number, text, lines } = segment;
        const part = parts[number] ?? { text, lines };
        return { ...segment, ...part, edited: !isDeepStrictEqual(part, { text, lines }) };
      });
      return { ...story, written };
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
