import { type Transaction, sql } from 'kysely';
import type { Database } from './database.js';
import { toJsonb } from './jsonb.js';
import type { Schema } from './schema.js';

/** Whose effect a receipt stands for. */
export interface ReceiptKey {
  /** The first job of a chain of retries: they share their receipts. */
  rootJobId: string;
  step: string;
  /** The run that is asking: a receipt voided by a run stays void for that run only. */
  runId: string;
}

/** Of an answer that was paid for: what it answers. */
interface Fingerprinted {
  /** SHA-256. */
  fingerprint?: Buffer;
}

/** The run gave this step up (it was cancelled) before the effect happened; it must not happen any more. */
export class ReceiptVoided extends Error {
  override name = 'ReceiptVoided';
}

/** The stored outcome of a step's effect, which makes repeating the step harmless. */
export function createReceipts(db: Database) {
  /** With a fingerprint, what was left by another question is not found. What has none is an answer to any. */
  const find = async <T>({
    rootJobId,
    step,
    fingerprint,
  }: Omit<ReceiptKey, 'runId'> & Fingerprinted): Promise<T | null> => {
    const row = await db
      .selectFrom('receipts')
      .select('outcome')
      .where('root_job_id', '=', rootJobId)
      .where('step', '=', step)
      .where('voided', '=', false)
      .$if(fingerprint !== undefined, (query) =>
        query.where(sql<boolean>`coalesce(fingerprint, ${fingerprint}) = ${fingerprint}`),
      )
      .executeTakeFirst();
    return row ? (row.outcome as T) : null;
  };

  /** Claims the key, or tells that another attempt has it: the row lock makes attempts queue up behind each other. */
  const claim = async (
    trx: Transaction<Schema>,
    { rootJobId, step, runId, voided }: ReceiptKey & { voided: boolean },
  ): Promise<boolean> => {
    const claimed = await trx
      .insertInto('receipts')
      .values({ root_job_id: rootJobId, step, run_id: runId, outcome: null, voided })
      .onConflict((conflict) =>
        conflict
          .columns(['root_job_id', 'step'])
          .doUpdateSet({ run_id: runId, voided, outcome: null })
          .where('receipts.voided', '=', true)
          .where('receipts.run_id', '!=', runId),
      )
      .returning('step')
      .executeTakeFirst();
    return claimed !== undefined;
  };

  const read = (trx: Transaction<Schema>, key: ReceiptKey) =>
    trx
      .selectFrom('receipts')
      .select(['outcome', 'voided'])
      .where('root_job_id', '=', key.rootJobId)
      .where('step', '=', key.step)
      .executeTakeFirstOrThrow();

  return {
    find,

    /**
     * Runs the effect and stores its outcome in one transaction; when an earlier attempt has done so, returns what
     * that one stored and runs nothing.
     * @throws {ReceiptVoided} when this run has given the step up.
     */
    once<T>(key: ReceiptKey, effect: (trx: Transaction<Schema>) => Promise<T>): Promise<T> {
      return db.transaction().execute(async (trx) => {
        if (!(await claim(trx, { ...key, voided: false }))) {
          const earlier = await read(trx, key);
          if (earlier.voided) throw new ReceiptVoided(`run ${key.runId} gave the step ${key.step} up`);
          return earlier.outcome as T;
        }
        const outcome = await effect(trx);
        await trx
          .updateTable('receipts')
          .set({ outcome: sql<string>`${toJsonb(outcome)}::jsonb` })
          .where('root_job_id', '=', key.rootJobId)
          .where('step', '=', key.step)
          .execute();
        return outcome;
      });
    },

    /** Keeps what was done. A receipt that is already there stays, unless it is of another question. */
    async put<T>(key: ReceiptKey & Fingerprinted, outcome: T): Promise<void> {
      const { fingerprint = null } = key;
      await db
        .insertInto('receipts')
        .values({
          root_job_id: key.rootJobId,
          step: key.step,
          run_id: key.runId,
          outcome: toJsonb(outcome),
          voided: false,
          fingerprint,
        })
        .onConflict((conflict) =>
          conflict
            .columns(['root_job_id', 'step'])
            .doUpdateSet((set) => ({
              run_id: set.ref('excluded.run_id'),
              outcome: set.ref('excluded.outcome'),
              fingerprint: set.ref('excluded.fingerprint'),
            }))
            .where('receipts.voided', '=', false)
            // Unknown, and so not true, where either has none.
            .where(sql<boolean>`receipts.fingerprint <> excluded.fingerprint`),
        )
        .execute();
    },

    /** What the effect left, if it happened; if not, this run can no longer make it happen. */
    settle<T>(key: ReceiptKey): Promise<T | null> {
      return db.transaction().execute(async (trx) => {
        if (await claim(trx, { ...key, voided: true })) return null;
        const earlier = await read(trx, key);
        return earlier.voided ? null : (earlier.outcome as T);
      });
    },
  };
}

export type Receipts = ReturnType<typeof createReceipts>;
