import { type Transaction, sql } from 'kysely';
import type { DocumentKind } from '../job-types/fields/document.js';
import type { Database } from './database.js';
import type { Schema } from './schema.js';

/** A version as a job saves it. */
export interface NewDocument {
  owner: string;
  applicationId: string;
  kind: DocumentKind;
  title: string;
  markdown: string;
  provider: string;
  notes: readonly string[];
  jobId: string;
}

/** A version as a person writes it, instead of the one that is the latest. */
export interface Edit {
  id: string;
  owner: string;
  /** The version that the person has seen; any when absent. */
  basedOn?: number | undefined;
  title?: string | undefined;
  markdown: string;
  /** Public id of the API key. */
  by: string | null;
}

export interface DocumentFilter {
  owner: string;
  applicationId?: string | undefined;
  kind?: DocumentKind | undefined;
  /** Rows with a smaller id, for the next page. */
  before?: string | undefined;
  limit: number;
}

/** A version without its text, as lists show it. */
export interface DocumentSummary {
  id: string;
  applicationId: string;
  kind: DocumentKind;
  version: number;
  title: string;
  provider: string | null;
  notes: string[];
  jobId: string | null;
  writtenBy: string | null;
  createdAt: string;
}

export interface StoredDocument extends DocumentSummary {
  markdown: string;
  /** The latest version there is. */
  latestVersion: number;
}

interface SummaryRow extends Omit<DocumentSummary, 'createdAt'> {
  createdAt: Date;
}

const summaryColumns = sql.raw(`
  d.id::text as id, d.application_id as "applicationId", d.kind, v.version, v.title, v.provider, v.notes,
  v.job_id as "jobId", v.written_by as "writtenBy", v.created_at as "createdAt"`);

const shown = <Shown extends SummaryRow>(row: Shown) => ({ ...row, createdAt: row.createdAt.toISOString() });

/** Adds a version, and the document with its first one. Others that write the same document wait for the transaction. */
export async function addVersion(
  trx: Transaction<Schema>,
  { owner, applicationId, kind, title, markdown, provider, notes, jobId }: NewDocument,
): Promise<{ documentId: string; version: number }> {
  const { id } = await trx
    .insertInto('documents')
    .values({ owner, application_id: applicationId, kind })
    .onConflict((conflict) =>
      // An update that changes nothing locks the row, and answers its id.
      conflict.columns(['owner', 'application_id', 'kind']).doUpdateSet({ kind }),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  const { next: version } = await numbersOf(trx, id);
  await trx
    .insertInto('document_versions')
    .values({
      document_id: id,
      version,
      title,
      markdown,
      provider,
      notes: [...notes],
      job_id: jobId,
      written_by: null,
    })
    .execute();
  return { documentId: id, version };
}

/** The latest version there is, 0 for none, and the number of the next one. No number is given twice. */
async function numbersOf(trx: Transaction<Schema>, id: string): Promise<{ latest: number; next: number }> {
  const { rows } = await sql<{ latest: number; next: number }>`
    select coalesce(max(v.version), 0) as latest, greatest(max(v.version), d.last_deleted) + 1 as next
    from documents as d left join document_versions as v on v.document_id = d.id
    where d.id = ${id} group by d.id`.execute(trx);
  return rows[0] ?? { latest: 0, next: 1 };
}

/** Removes the version that a job or one of its retries has saved, as long as it is the latest. */
export async function takeBackVersion(
  trx: Transaction<Schema>,
  {
    owner,
    applicationId,
    kind,
    rootJobId,
  }: Pick<NewDocument, 'owner' | 'applicationId' | 'kind'> & { rootJobId: string },
): Promise<void> {
  const document = await trx
    .selectFrom('documents')
    .select('id')
    .where('owner', '=', owner)
    .where('application_id', '=', applicationId)
    .where('kind', '=', kind)
    .forUpdate()
    .executeTakeFirst();
  if (!document) return;
  const { id } = document;
  await sql`
    with gone as (
      delete from document_versions
      where document_id = ${id} and (job_id = ${rootJobId} or starts_with(job_id, ${`${rootJobId}.r`}))
        and version = (select max(version) from document_versions where document_id = ${id})
      returning version)
    update documents set last_deleted = greatest(last_deleted, gone.version) from gone where id = ${id}`.execute(
    trx,
  );
}

export function createDocuments(db: Database) {
  return {
    /** The latest version of each, the newest document first. */
    async list(filter: DocumentFilter): Promise<DocumentSummary[]> {
      const { owner, applicationId = null, kind = null, before = null, limit } = filter;
      const { rows } = await sql<SummaryRow>`
        select ${summaryColumns}
        from documents as d
        join lateral (
          select * from document_versions where document_id = d.id order by version desc limit 1) as v on true
        where d.owner = ${owner}
          and (${applicationId}::text is null or d.application_id = ${applicationId})
          and (${kind}::text is null or d.kind = ${kind})
          and (${before}::bigint is null or d.id < ${before})
        order by d.id desc limit ${limit}`.execute(db);
      return rows.map(shown);
    },

    /** A version, the latest when none is named; null for one that is not there, or not the owner's. */
    async read({
      id,
      owner,
      version,
    }: {
      id: string;
      owner: string;
      version?: number | undefined;
    }): Promise<StoredDocument | null> {
      const { rows } = await sql<SummaryRow & { markdown: string; latestVersion: number }>`
        select ${summaryColumns}, v.markdown, latest.version as "latestVersion"
        from documents as d
        join lateral (select max(version) as version from document_versions where document_id = d.id) as latest on true
        join document_versions as v on v.document_id = d.id and v.version = coalesce(${version ?? null}, latest.version)
        where d.id = ${id} and d.owner = ${owner}`.execute(db);
      const [row] = rows;
      return row ? shown(row) : null;
    },

    /** The versions of a document, the latest first. */
    async versions({
      id,
      owner,
      before,
      limit,
    }: {
      id: string;
      owner: string;
      before?: number | undefined;
      limit: number;
    }): Promise<DocumentSummary[]> {
      const { rows } = await sql<SummaryRow>`
        select ${summaryColumns}
        from documents as d join document_versions as v on v.document_id = d.id
        where d.id = ${id} and d.owner = ${owner} and v.version < coalesce(${before ?? null}, 2147483647)
        order by v.version desc limit ${limit}`.execute(db);
      return rows.map(shown);
    },

    /**
     * Adds what a person has written as a version.
     * @returns the version; the latest one when it is not the one the edit is based on; null for no such document
     */
    async edit({
      id,
      owner,
      basedOn,
      title,
      markdown,
      by,
    }: Edit): Promise<{ version: number } | { stale: number } | null> {
      return db.transaction().execute(async (trx) => {
        if (!(await locked(trx, { id, owner }))) return null;
        const { latest, next } = await numbersOf(trx, id);
        if (basedOn !== undefined && basedOn !== latest) return { stale: latest };
        await sql`
          insert into document_versions (document_id, version, title, markdown, provider, notes, job_id, written_by)
          select document_id, ${next}::integer, coalesce(${title ?? null}, title), ${markdown}, null, '{}', null, ${by}
          from document_versions where document_id = ${id} and version = ${latest}`.execute(trx);
        return { version: next };
      });
    },

    /**
     * Deletes a document in all its versions. A job that writes for the same application later begins another one.
     * @returns whether there was such a document; the latest version when it is not the one that was seen
     */
    async remove({
      id,
      owner,
      basedOn,
    }: Pick<Edit, 'id' | 'owner' | 'basedOn'>): Promise<boolean | { stale: number }> {
      return db.transaction().execute(async (trx) => {
        if (!(await locked(trx, { id, owner }))) return false;
        const { latest } = await numbersOf(trx, id);
        if (basedOn !== undefined && basedOn !== latest) return { stale: latest };
        await trx.deleteFrom('documents').where('id', '=', id).execute();
        return true;
      });
    },
  };
}

/** Holds a document for the transaction. @returns whether there is such a document */
const locked = async (
  trx: Transaction<Schema>,
  { id, owner }: Pick<Edit, 'id' | 'owner'>,
): Promise<boolean> => {
  const row = await trx
    .selectFrom('documents')
    .select('id')
    .where('id', '=', id)
    .where('owner', '=', owner)
    .forUpdate()
    .executeTakeFirst();
  return row !== undefined;
};

export type Documents = ReturnType<typeof createDocuments>;
