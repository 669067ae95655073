import { sql } from 'kysely';
import { containing } from './containing.js';
import type { Database } from './database.js';
import { type UnclaimedFiles, refuseMore } from './unclaimed-files.js';

/** Bytes of every chunk but the last. What reads or writes a file holds one or two of them. */
export const chunkBytes = 256 * 1024;

/** A file that is whole. */
export interface StoredFile {
  id: string;
  name: string;
  mediaType: string;
  /** Bytes. */
  size: number;
  /** Hexadecimal. */
  sha256: string;
  createdAt: string;
  /** When it goes unless a job is given it; null for a file of a job. */
  expiresAt: string | null;
}

export interface FileRow extends Omit<StoredFile, 'createdAt' | 'expiresAt'> {
  number: string;
  createdAt: Date;
  expiresAt: Date | null;
}

/** What is known of a file once its last chunk is there. */
export interface FileFacts {
  id: string;
  name: string;
  mediaType: string;
  size: number;
  sha256: Buffer;
}

/** A file that is being uploaded. */
export interface Upload {
  id: string;
  owner: string;
  /** What is kept of an owner at most. */
  most: UnclaimedFiles;
}

export interface FileFilter {
  owner: string;
  /** A part of the name. */
  search?: string | undefined;
  /** Of the page before. */
  before?: string | undefined;
  limit: number;
}

/** From the first byte to the one before the end. */
export interface ByteRange {
  from: number;
  to: number;
}

/** The file that was being written is not there any more. */
export class FileGone extends Error {
  override name = 'FileGone';
}

/** What is selected for `shown`, from `files as f`. */
export const fileColumns = sql.raw(`
  f.number::text as number, f.id, f.name, f.media_type as "mediaType", f.size::float8 as size, encode(f.sha256, 'hex') as sha256,
  f.stored_at as "createdAt",
  case when exists (select from file_jobs where file_id = f.id) then null else f.stored_at + interval '1 day' end
    as "expiresAt"`);

export function shown(found: FileRow): StoredFile {
  const { number: _, createdAt, expiresAt, ...row } = found;
  return { ...row, createdAt: createdAt.toISOString(), expiresAt: expiresAt?.toISOString() ?? null };
}

/** The one place that knows where the bytes of files are. */
export function createFiles(db: Database) {
  return {
    /** Nobody sees the file until it is finished. It counts as one from now on. @throws {UnclaimedFull} */
    async begin({ id, owner, most }: Upload): Promise<void> {
      await db.transaction().execute(async (trx) => {
        await refuseMore(trx, { owner, most });
        await trx.insertInto('files').values({ id, owner, sha256: null }).execute();
      });
    },

    /** @param chunk the next one of the file; all but the last have `chunkBytes` @throws {FileGone} */
    async append(id: string, chunk: { number: number; bytes: Uint8Array }): Promise<void> {
      const { numAffectedRows } = await sql`
        with file as (update files set touched_at = now() where id = ${id} and stored_at is null returning id)
        insert into file_chunks (file_id, number, bytes)
        select id, ${chunk.number}::integer, ${chunk.bytes}::bytea from file`.execute(db);
      if (numAffectedRows !== 1n) throw new FileGone(`there is no file ${id} to write to`);
    },

    /** Its bytes count from now on: others may have come meanwhile. @throws {FileGone} @throws {UnclaimedFull} */
    async finish({
      id,
      owner,
      most,
      name,
      mediaType,
      size,
      sha256,
    }: FileFacts & Upload): Promise<StoredFile> {
      return db.transaction().execute(async (trx) => {
        // The file itself is one of them by now.
        await refuseMore(trx, { owner, most: { ...most, files: most.files + 1 } });
        const { rows } = await sql<FileRow>`
          update files as f
          set name = ${name}, media_type = ${mediaType}, size = ${size}, sha256 = ${sha256}, stored_at = now(), touched_at = now()
          where id = ${id} and stored_at is null returning ${fileColumns}`.execute(trx);
        const [row] = rows;
        if (!row) throw new FileGone(`there is no file ${id} to finish`);
        return shown(row);
      });
    },

    /** Removes a file that will not be finished. */
    async discard(id: string): Promise<void> {
      await db.deleteFrom('files').where('id', '=', id).where('stored_at', 'is', null).execute();
    },

    async read(id: string, owner: string): Promise<StoredFile | null> {
      const { rows } = await sql<FileRow>`
        select ${fileColumns} from files as f
        where f.id = ${id} and f.owner = ${owner} and f.stored_at is not null`.execute(db);
      return rows[0] ? shown(rows[0]) : null;
    },

    /** Newest first, each with the token of the page behind it. */
    async list({ owner, search, before = '9223372036854775807', limit }: FileFilter) {
      const pattern = containing(search);
      const { rows } = await sql<FileRow>`
        select ${fileColumns} from files as f
        where f.owner = ${owner} and f.stored_at is not null and f.number < ${before}::bigint
          and (${pattern}::text is null or f.name ilike ${pattern})
        order by f.number desc limit ${limit}`.execute(db);
      return rows.map((row) => ({ token: row.number, file: shown(row) }));
    },

    /** @returns what it was; null when there is no such file */
    async delete(id: string, owner: string): Promise<StoredFile | null> {
      const { rows } = await sql<FileRow>`
        delete from files as f
        where f.id = ${id} and f.owner = ${owner} and f.stored_at is not null returning ${fileColumns}`.execute(
        db,
      );
      return rows[0] ? shown(rows[0]) : null;
    },

    /** A part of a file, one chunk after the other. @throws {FileGone} when it is removed meanwhile */
    async *bytes(id: string, { from, to }: ByteRange): AsyncGenerator<Buffer, void, undefined> {
      for (let at = from; at < to;) {
        const number = Math.floor(at / chunkBytes);
        const row = await db
          .selectFrom('file_chunks')
          .select('bytes')
          .where('file_id', '=', id)
          .where('number', '=', number)
          .executeTakeFirst();
        const start = number * chunkBytes;
        const piece = row?.bytes.subarray(at - start, to - start);
        if (!piece || piece.length === 0) throw new FileGone(`the file ${id} has no byte ${at} any more`);
        yield piece;
        at += piece.length;
      }
    },

    /** Makes files belong to a job. @returns which of them the owner has */
    async claim({ ids, owner, jobId }: { ids: readonly string[]; owner: string; jobId: string }) {
      return db.transaction().execute(async (trx) => {
        // In one order whoever claims them. Whatever removes one has to wait, or was first.
        const { rows } = await sql<{ id: string }>`
          select id from files where id = any(${[...ids]}) and owner = ${owner} and stored_at is not null
          order by id for key share`.execute(trx);
        const found = rows.map(({ id }) => id);
        await sql`
          insert into file_jobs (file_id, job_id) select unnest(${found}::text[]), ${jobId}
          on conflict do nothing`.execute(trx);
        return new Set(found);
      });
    },

    /** What they are called, by their ids; those that the owner does not have are left out. */
    async names({ ids, owner }: { ids: readonly string[]; owner: string }): Promise<Map<string, string>> {
      const { rows } = await sql<{ id: string; name: string }>`
        select id, name from files where id = any(${[...ids]}) and owner = ${owner} and stored_at is not null`.execute(
        db,
      );
      return new Map(rows.map(({ id, name }) => [id, name]));
    },

    /** @returns which of them the owner has */
    async known({ ids, owner }: { ids: readonly string[]; owner: string }): Promise<Set<string>> {
      const { rows } = await sql<{ id: string }>`
        select id from files where id = any(${[...ids]}) and owner = ${owner} and stored_at is not null`.execute(
        db,
      );
      return new Set(rows.map(({ id }) => id));
    },

    /** Ends claims of jobs that were never heard of, after 40 days: a job may have been delayed for 30. */
    async endLostClaims(): Promise<void> {
      await sql`
        delete from file_jobs as c
        where claimed_at < now() - interval '40 days'
          and not exists (select from workbook_files where file_id = c.file_id)
          and not exists (select from event_logs where job_id = c.job_id)
          and not exists (select from outcomes where job_id = c.job_id)`.execute(db);
    },

    /**
     * Removes one file that nobody needs: that no job was given within a day, or what is left of an upload whose process
     * died.
     * @returns how many files
     */
    async removeOld(): Promise<number> {
      return db.transaction().execute(async (trx) => {
        const { rows } = await sql<{ id: string }>`
          select id from files as f
          where (stored_at is null and touched_at < now() - interval '1 hour')
            or (stored_at is not null and touched_at < now() - interval '1 day'
              and not exists (select from file_jobs where file_id = f.id))
          order by touched_at limit 1 for update skip locked`.execute(trx);
        // Asked again, now that nobody can claim them: a claim may have come before the lock.
        const { numAffectedRows } = await sql`
          delete from files as f where id = any(${rows.map(({ id }) => id)})
            and not exists (select from file_jobs where file_id = f.id)`.execute(trx);
        return Number(numAffectedRows ?? 0n);
      });
    },
  };
}

export type Files = ReturnType<typeof createFiles>;
