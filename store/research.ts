import { type Transaction, sql } from 'kysely';
import type { Research } from '../job-types/fields/research.js';
import { containing } from './containing.js';
import type { Database } from './database.js';
import { toJsonb } from './jsonb.js';
import type { Schema } from './schema.js';

export interface ResearchKey {
  owner: string;
  subject: string;
}

/** A version as a job saves it. */
export interface NewResearch extends ResearchKey {
  content: Research;
  /** The pages it was made from. */
  sources: readonly string[];
  provider: string;
  notes: readonly string[];
  jobId: string;
}

/** A version as a person writes it, instead of the one that is the latest. */
export interface ResearchEdit extends ResearchKey {
  /** The version that the person has seen; any when absent. */
  basedOn?: number | undefined;
  /** Also where there is no research yet; left out: not then. */
  begins?: boolean;
  content: Research;
  /** Public id of the API key. */
  by: string | null;
}

/** A version without its content, as lists show it. */
export interface ResearchSummary {
  id: string;
  subject: string;
  version: number;
  title: string;
  sources: string[];
  /** Null for a version that a person has written. */
  provider: string | null;
  notes: string[];
  jobId: string | null;
  writtenBy: string | null;
  createdAt: string;
}

export interface StoredResearch extends ResearchSummary {
  content: Research;
  /** The latest version there is. */
  latestVersion: number;
}

type SummaryRow = Omit<ResearchSummary, 'createdAt'> & { createdAt: Date };

const summaryColumns = sql.raw(`
  r.id::text as id, r.subject, v.version, coalesce(v.content->>'title', '') as title, v.sources, v.provider,
  v.notes, v.job_id as "jobId", v.written_by as "writtenBy", v.created_at as "createdAt"`);

const shown = <Shown extends SummaryRow>(row: Shown) => ({ ...row, createdAt: row.createdAt.toISOString() });

/** The research of a subject, which is made where there is none. Others that write of the same subject wait for the transaction. */
async function open(trx: Transaction<Schema>, { owner, subject }: ResearchKey): Promise<string> {
  const { id } = await trx
    .insertInto('research')
    .values({ owner, subject })
    // An update that changes nothing locks the row, and answers its id.
    .onConflict((conflict) => conflict.columns(['owner', 'subject']).doUpdateSet({ subject }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** The same of research that is there; undefined where there is none. */
async function lock(trx: Transaction<Schema>, { owner, subject }: ResearchKey): Promise<string | undefined> {
  const row = await trx
    .selectFrom('research')
    .select('id')
    .where('owner', '=', owner)
    .where('subject', '=', subject)
    .forUpdate()
    .executeTakeFirst();
  return row?.id;
}

/** Adds a version, and the research with its first one. */
export async function addResearch(
  trx: Transaction<Schema>,
  { content, sources, provider, notes, jobId, ...key }: NewResearch,
): Promise<{ version: number }> {
  const id = await open(trx, key);
  const { next: version } = await numbersOf(trx, id);
  await trx
    .insertInto('research_versions')
    .values({
      research_id: id,
      version,
      content: toJsonb(content),
      sources: [...sources],
      provider,
      notes: [...notes],
      job_id: jobId,
      written_by: null,
    })
    .execute();
  return { version };
}

/** The latest version there is, 0 for none, and the number of the next one. No number is given twice, whoever has removed its version: stories name theirs. */
async function numbersOf(
  trx: Transaction<Schema>,
  id: string | undefined,
): Promise<{ latest: number; next: number }> {
  if (id === undefined) return { latest: 0, next: 1 };
  const { rows } = await sql<{ latest: number; next: number }>`
    select coalesce(max(v.version), 0) as latest, greatest(max(v.version), r.last_deleted) + 1 as next
    from research as r left join research_versions as v on v.research_id = r.id
    where r.id = ${id} group by r.id`.execute(trx);
  return rows[0] ?? { latest: 0, next: 1 };
}

/** Removes the version that a job or one of its retries has saved, as long as it is the latest. */
export async function takeBackResearch(
  trx: Transaction<Schema>,
  { owner, subject, rootJobId }: ResearchKey & { rootJobId: string },
): Promise<void> {
  const id = await lock(trx, { owner, subject });
  if (id === undefined) return;
  await sql`
    with gone as (
      delete from research_versions
      where research_id = ${id} and (job_id = ${rootJobId} or starts_with(job_id, ${`${rootJobId}.r`}))
        and version = (select max(version) from research_versions where research_id = ${id})
      returning version)
    update research set last_deleted = greatest(last_deleted, gone.version) from gone where id = ${id}`.execute(
    trx,
  );
}

export function createResearch(db: Database) {
  return {
    /** Whether there is any of the subject. */
    async has({ owner, subject }: ResearchKey): Promise<boolean> {
      const row = await db
        .selectFrom('research')
        .innerJoin('research_versions as v', 'v.research_id', 'research.id')
        .select('v.version')
        .where('owner', '=', owner)
        .where('subject', '=', subject)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },

    /** The latest version of each, the newest subject first. */
    async list({
      owner,
      search,
      before = null,
      limit,
    }: {
      owner: string;
      /** A part of the subject or title. */
      search?: string | undefined;
      /** Rows with a smaller id, for the next page. */
      before?: string | null | undefined;
      limit: number;
    }): Promise<ResearchSummary[]> {
      const pattern = containing(search);
      const { rows } = await sql<SummaryRow>`
        select ${summaryColumns}
        from research as r
        join lateral (
          select * from research_versions where research_id = r.id order by version desc limit 1) as v on true
        where r.owner = ${owner} and (${before}::bigint is null or r.id < ${before})
          and (${pattern}::text is null or r.subject ilike ${pattern} or v.content->>'title' ilike ${pattern})
        order by r.id desc limit ${limit}`.execute(db);
      return rows.map(shown);
    },

    /** A version, the latest when none is named; null for one that is not there. */
    async read({
      owner,
      subject,
      version,
    }: ResearchKey & { version?: number | undefined }): Promise<StoredResearch | null> {
      const { rows } = await sql<SummaryRow & { content: Research; latestVersion: number }>`
        select ${summaryColumns}, v.content, latest.version as "latestVersion"
        from research as r
        join lateral (select max(version) as version from research_versions where research_id = r.id) as latest on true
        join research_versions as v on v.research_id = r.id and v.version = coalesce(${version ?? null}, latest.version)
        where r.owner = ${owner} and r.subject = ${subject}`.execute(db);
      const [row] = rows;
      return row ? shown(row) : null;
    },

    /** The versions of a subject, the latest first. */
    async versions({
      owner,
      subject,
      before,
      limit,
    }: ResearchKey & { before?: number | undefined; limit: number }): Promise<ResearchSummary[]> {
      const { rows } = await sql<SummaryRow>`
        select ${summaryColumns}
        from research as r join research_versions as v on v.research_id = r.id
        where r.owner = ${owner} and r.subject = ${subject} and v.version < coalesce(${before ?? null}, 2147483647)
        order by v.version desc limit ${limit}`.execute(db);
      return rows.map(shown);
    },

    /**
     * Adds what a person has written as a version. It names the pages of the version before.
     * @returns the version; the latest one when it is not the one the edit is based on; null for no such research
     */
    async edit({
      basedOn,
      begins = false,
      content,
      by,
      ...key
    }: ResearchEdit): Promise<{ version: number; first: boolean } | { stale: number } | null> {
      return db.transaction().execute(async (trx) => {
        const id = begins ? await open(trx, key) : await lock(trx, key);
        const { latest, next: version } = await numbersOf(trx, id);
        if (id === undefined || (latest === 0 && !begins)) return null;
        if (basedOn !== undefined && basedOn !== latest) return { stale: latest };
        await sql`
          insert into research_versions (research_id, version, content, sources, provider, notes, job_id, written_by)
          values (${id}, ${version}, ${toJsonb(content)}::json, coalesce(
            (select sources from research_versions where research_id = ${id} and version = ${latest}), '{}'),
            null, '{}', null, ${by})`.execute(trx);
        return { version, first: latest === 0 };
      });
    },

    /**
     * Deletes all versions. A story that is being written from them is left in part.
     * @returns whether they are deleted; the latest one when it is not the one that was seen; null for no such research
     */
    async remove({
      basedOn,
      ...key
    }: ResearchKey & Pick<ResearchEdit, 'basedOn'>): Promise<true | { stale: number } | null> {
      return db.transaction().execute(async (trx) => {
        const id = await lock(trx, key);
        const { latest } = await numbersOf(trx, id);
        if (id === undefined || latest === 0) return null;
        if (basedOn !== undefined && basedOn !== latest) return { stale: latest };
        await sql`
          update research set last_deleted = greatest(last_deleted, ${latest}) where id = ${id}`.execute(trx);
        await trx.deleteFrom('research_versions').where('research_id', '=', id).execute();
        return true;
      });
    },
  };
}

export type ResearchStore = ReturnType<typeof createResearch>;
