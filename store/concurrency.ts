import { sql } from 'kysely';
import type { Database } from './database.js';
import { isDatabaseRefusal } from './unavailable.js';

export interface BusinessKey {
  owner: string;
  type: string;
  key: string;
}

export type Place = BusinessKey & { jobId: string };

/**
 * Whether Temporal still runs a job that has a place under this key. False once it has closed, or when it names another
 * key; null when Temporal does not know it.
 */
export type IsOpen = (jobId: string, key: string) => Promise<boolean | null>;

/** Who asks for a place before the job is started, and how many may wait for the key besides the one that runs. */
export interface PlaceWish extends Place {
  /** Of the request, when it came with an Idempotency-Key, which may come again. */
  fingerprint?: string | undefined;
  /** Only when nobody has the key. */
  onlyFree: boolean;
  mostQueued: number;
}

/**
 * What became of it. `reused`: another request with the same Idempotency-Key has decided what the job is. `answered`: the
 * same request found the key taken, and was answered with that job.
 */
export type PlaceGiven =
  | { how: 'taken' }
  | { how: 'reused' }
  | { how: 'held'; holder: string | null }
  | { how: 'full'; holder: string | null }
  | { how: 'answered'; answer: string };

/** Which job answers a request with an Idempotency-Key. */
export interface KeyAnswer {
  fingerprint: string;
  answer: string;
}

/** A row is written before its job is started; after this long without a job, the start has failed. */
const startLimit = '30 seconds';

/**
 * Who may run under a concurrency key. It is the job whose run has taken hold of the key, otherwise the one with
 * the lowest position. The others queue, first in, first out. A place alone is no right to run: the process that
 * took it may sleep through the time in which it counts.
 */
export function createConcurrency(db: Database) {
  const ofKey = ({ owner, type, key }: BusinessKey) =>
    db
      .selectFrom('concurrency_queue')
      .where('owner', '=', owner)
      .where('type', '=', type)
      .where('key', '=', key);

  const head = (key: BusinessKey) => ofKey(key).orderBy('held', 'desc').orderBy('position').limit(1);

  /** Removes the head until it is one that counts. */
  const livingHead = async (key: BusinessKey, isOpen: IsOpen) => {
    for (;;) {
      const row = await head(key)
        .select(['position', 'job_id', 'held'])
        .select(sql<boolean>`now() - entered_at < ${startLimit}::interval`.as('fresh'))
        .executeTakeFirst();
      if (!row) return null;
      const open = await isOpen(row.job_id, key.key);
      if (open || (open === null && row.fresh)) return row;
      // Not when it has taken hold of the key since it was looked at: it was being started at that moment.
      await db
        .deleteFrom('concurrency_queue')
        .where('position', '=', row.position)
        .where('held', '=', row.held)
        .execute();
    }
  };

  /** Gives the place up, whoever is next. */
  const leave = async (jobId: string): Promise<void> => {
    await db.deleteFrom('concurrency_queue').where('job_id', '=', jobId).execute();
  };

  const answerOf = async (trx: Database, jobId: string): Promise<KeyAnswer | null> =>
    (await trx
      .selectFrom('answered_keys')
      .select(['fingerprint', 'answer'])
      .where('job_id', '=', jobId)
      .executeTakeFirst()) ?? null;

  return {
    /**
     * Takes the last place; a job that has a place under its key keeps it. What a place says otherwise than the run itself
     * is wrong.
     */
    async enter({ owner, type, key, jobId }: Place): Promise<void> {
      const place = { owner, type, key };
      await db
        .insertInto('concurrency_queue')
        .values({ ...place, job_id: jobId })
        .onConflict((conflict) =>
          conflict
            .column('job_id')
            .doUpdateSet({ ...place, held: false, position: sql<string>`default` })
            .where(
              sql<boolean>`(concurrency_queue.owner, concurrency_queue.type, concurrency_queue.key)
                is distinct from (${owner}, ${type}, ${key})`,
            ),
        )
        .execute();
    },

    /**
     * The place of a job that is to be started, its key and the request that it comes of, as one decision. Whoever decides
     * about the same job or the same key at the same moment waits.
     */
    async claim({ jobId, fingerprint, onlyFree, mostQueued, ...wanted }: PlaceWish): Promise<PlaceGiven> {
      const { owner, type, key } = wanted;
      return db.transaction().execute(async (trx): Promise<PlaceGiven> => {
        await decidingAbout(trx, `job ${jobId}`);
        await decidingAbout(trx, JSON.stringify([owner, type, key]));
        const answered = fingerprint === undefined ? null : await answerOf(trx, jobId);
        if (answered) {
          const { answer } = answered;
          return answered.fingerprint === fingerprint ? { how: 'answered', answer } : { how: 'reused' };
        }
        const queue = trx.selectFrom('concurrency_queue');
        const own = await queue
          .select(['owner', 'type', 'key', 'fingerprint'])
          .where('job_id', '=', jobId)
          .executeTakeFirst();
        if (own) {
          const same =
            own.owner === owner &&
            own.type === type &&
            own.key === key &&
            own.fingerprint === (fingerprint ?? null);
          return { how: same ? 'taken' : 'reused' };
        }
        const others = await queue
          .select('job_id')
          .where('owner', '=', owner)
          .where('type', '=', type)
          .where('key', '=', key)
          .orderBy('held', 'desc')
          .orderBy('position')
          .execute();
        const holder = others[0]?.job_id ?? null;
        if (onlyFree && holder !== null) return { how: 'held', holder };
        if (others.length > mostQueued) return { how: 'full', holder };
        const values = { owner, type, key, job_id: jobId, fingerprint: fingerprint ?? null };
        await trx.insertInto('concurrency_queue').values(values).execute();
        return { how: 'taken' };
      });
    },

    /**
     * Fixes which job answers a request with an Idempotency-Key, now and whenever it is repeated.
     * @returns false when the request has a place by now, and is to be started
     */
    async answerWith(jobId: string, { fingerprint, answer }: KeyAnswer): Promise<boolean> {
      return db.transaction().execute(async (trx) => {
        await decidingAbout(trx, `job ${jobId}`);
        const own = trx.selectFrom('concurrency_queue').select('job_id').where('job_id', '=', jobId);
        if (await own.executeTakeFirst()) return false;
        await trx
          .insertInto('answered_keys')
          .values({ job_id: jobId, fingerprint, answer })
          .onConflict((conflict) => conflict.column('job_id').doNothing())
          .execute();
        return true;
      });
    },

    /** The job that answers a request with an Idempotency-Key that was not started itself. */
    answerFor: (jobId: string): Promise<KeyAnswer | null> => answerOf(db, jobId),

    /** Whether there is such an answer, or a record of how the job has ended. */
    async isKnown(jobId: string): Promise<boolean> {
      const { rows } = await sql<{ known: boolean }>`
        select exists (select from outcomes where job_id = ${jobId})
          or exists (select from answered_keys where job_id = ${jobId}) as known`.execute(db);
      return rows[0]?.known ?? false;
    },

    /**
     * The job whose turn it is. Any reader takes over. A job that has closed is removed, and so is one that
     * Temporal has not heard of 30 s after it took its place. Then the next one is looked at.
     */
    async holder(key: BusinessKey, isOpen: IsOpen): Promise<string | null> {
      return (await livingHead(key, isOpen))?.job_id ?? null;
    },

    /**
     * Takes hold of the key for a job that runs and is the first.
     * @returns false when it is not, or has lost its place
     */
    async hold({ jobId, ...key }: Place): Promise<boolean> {
      try {
        const row = await db
          .updateTable('concurrency_queue')
          .set({ held: true })
          .where('job_id', '=', jobId)
          .where('position', '=', head(key).select('position'))
          .returning('job_id')
          .executeTakeFirst();
        return row !== undefined;
      } catch (error) {
        if (isTaken(error)) return false;
        throw error;
      }
    },

    /**
     * Gives the place up. Those behind it that have ended in the queue are passed over, as `holder` does it.
     * @returns the job whose turn it is now and that does not work yet, if there is one. The answer is the same
     * when repeated. If a process dies between this and calling that job, another one calls it.
     */
    async release({ jobId, ...key }: Place, isOpen: IsOpen): Promise<string | null> {
      await leave(jobId);
      const next = await livingHead(key, isOpen);
      return next && !next.held ? next.job_id : null;
    },

    leave,
  };
}

/** Until the end of the transaction; always the job before the key. */
const decidingAbout = (trx: Database, what: string) =>
  sql`select pg_advisory_xact_lock('concurrency_queue'::regclass::integer, hashtext(${what}))`.execute(trx);

/** SQLSTATE unique_violation: two jobs took hold at the same moment, and the other was faster. */
const isTaken = (error: unknown): boolean =>
  isDatabaseRefusal(error) && (error as { code?: unknown }).code === '23505';

export type Concurrency = ReturnType<typeof createConcurrency>;
