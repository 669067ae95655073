import { type Transaction, sql } from 'kysely';
import type { Database } from './database.js';
import { type FileFacts, FileGone, type FileRow, type StoredFile, fileColumns, shown } from './files.js';
import { RunEnded } from './receipts.js';
import type { Schema } from './schema.js';

/** The attempt of a step that makes a file. */
export interface Maker {
  jobId: string;
  runId: string;
  /** The id of the activity, within which attempts are counted. */
  activity: string;
  attempt: number;
  /** Which of the files of the job it is. A file takes the place of the one that is there. */
  place: string;
}

/**
 * Files that steps of jobs make. However often a step is repeated, each place of its job has one file: that of the newest
 * attempt. Between `begin` and `finish`, files are appended to and discarded as uploads are.
 */
export function createMadeFiles(db: Database) {
  return {
    /** What an earlier attempt has left half written goes. @throws {FileGone} for an attempt that a later one has followed */
    async begin({ id, owner, maker }: { id: string; owner: string; maker: Maker }): Promise<void> {
      const { jobId, place, attempt } = maker;
      const scope = scopeOf(maker);
      await db.transaction().execute(async (trx) => {
        await sql`select pg_advisory_xact_lock(hashtextextended(${`${jobId}/${place}`}, 0))`.execute(trx);
        const later = await trx
          .selectFrom('files')
          .select('id')
          .where('made_by', '=', jobId)
          .where('place', '=', place)
          .where('scope', '=', scope)
          .where('attempt', '>', attempt)
          .executeTakeFirst();
        if (later) throw new FileGone(`attempt ${attempt} of ${scope} was followed by another`);
        await earlier(trx, maker).where('stored_at', 'is', null).execute();
        const made = { made_by: jobId, place, scope, attempt };
        await trx
          .insertInto('files')
          .values({ id, owner, sha256: null, ...made })
          .execute();
      });
    },

    /**
     * It takes the place of the file before, and belongs to the job.
     * @throws {FileGone} when a later attempt has begun it anew
     * @throws {RunEnded}
     */
    finish({ maker, ...file }: FileFacts & { maker: Maker }): Promise<StoredFile> {
      const { id, name, mediaType, size, sha256 } = file;
      const { jobId, runId } = maker;
      return db.transaction().execute(async (trx) => {
        const { rows: counts } = await sql<{ counts: boolean }>`
          select may_commit(${jobId}, ${runId}) as counts`.execute(trx);
        if (!counts[0]?.counts) throw new RunEnded(`run ${runId} has ended`);
        const done = await sql`
          update files
          set name = ${name}, media_type = ${mediaType}, size = ${size}, sha256 = ${sha256}, stored_at = now(),
            touched_at = now()
          where id = ${id} and stored_at is null`.execute(trx);
        if (done.numAffectedRows !== 1n) throw new FileGone(`there is no file ${id} to finish`);
        await earlier(trx, maker).where('id', '!=', id).where('stored_at', 'is not', null).execute();
        await trx.insertInto('file_jobs').values({ file_id: id, job_id: jobId }).execute();
        const { rows } = await sql<FileRow>`select ${fileColumns} from files as f where id = ${id}`.execute(
          trx,
        );
        const [row] = rows;
        if (!row) throw new FileGone(`the file ${id} is not there any more`);
        return shown(row);
      });
    },
  };
}

export type MadeFiles = ReturnType<typeof createMadeFiles>;

const scopeOf = ({ runId, activity }: Maker): string => `${runId}/${activity}`;

const earlier = (trx: Transaction<Schema>, { jobId, place }: Maker) =>
  trx.deleteFrom('files').where('made_by', '=', jobId).where('place', '=', place);
