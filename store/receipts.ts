import { type Transaction, sql } from 'kysely';
import type { Database } from './database.js';
import { toJsonb } from './jsonb.js';
import type { Schema } from './schema.js';

/** Whose effect a receipt stands for. */
export interface ReceiptKey {
  /** The first job of a chain of retries: they share their receipts. */
  rootJobId: string;
  step: string;
  /** Of a step that is done for several. */
  item?: string | null;
  /** The run that is asking: a receipt voided by a run stays void for that run only. */
  runId: string;
}

/** What an outcome answers: what was asked, or what was to be written. */
interface Fingerprinted {
  /** SHA-256. */
  fingerprint?: Buffer;
}

/** What can be handed on to a fork. */
export type ReceiptKind = 'paid' | 'reused';

/** An outcome that is there. */
export interface Found<T> {
  outcome: T;
  /** The root of the job that did it, where that was another one: a fork has copies. */
  copiedFrom: string | null;
}

/** A retry is `<root>.r<n>`, and shares the receipts of its root. */
export const rootOf = (jobId: string): string => jobId.replace(/\.r\d+$/, '');

/** The run gave this step up (it was cancelled) before the effect happened; it must not happen any more. */
export class ReceiptVoided extends Error {
  override name = 'ReceiptVoided';
}

/** The run has ended, or is about to be ended by force: what its step has written is taken back. */
export class RunEnded extends Error {
  override name = 'RunEnded';
}

/** The run that writes. */
interface Writer {
  jobId: string;
  runId: string;
  /** Whether Temporal still has the run open. Asked when the effect took long enough for the run to have ended meanwhile. */
  isOpen(): Promise<boolean>;
}

/** A save that waits for nobody takes less. An end that comes within it is told by its record with what was saved. */
const quickMs = 25;

/** The stored outcome of a step's effect, which makes repeating the step harmless. */
export function createReceipts(db: Database) {
  /** With a fingerprint, what was left by another question is not found. What has none is an answer to any. */
  const find = async <T>({
    rootJobId,
    step,
    item,
    fingerprint,
  }: Omit<ReceiptKey, 'runId'> & Fingerprinted): Promise<Found<T> | null> => {
    const row = await db
      .selectFrom('receipts')
      .select(['outcome', 'copied_from'])
      .where('root_job_id', '=', rootJobId)
      .where('step', '=', step)
      .where('item', '=', item ?? '')
      .where('voided', '=', false)
      .$if(fingerprint !== undefined, (query) =>
        query.where(sql<boolean>`coalesce(fingerprint, ${fingerprint}) = ${fingerprint}`),
      )
      .executeTakeFirst();
    return row ? { outcome: row.outcome as T, copiedFrom: row.copied_from } : null;
  };

  /** Claims the key, or tells that another attempt has it: the row lock makes attempts queue up behind each other. */
  const claim = async (
    trx: Transaction<Schema>,
    { rootJobId, step, item, runId, voided, ...of }: ReceiptKey & Fingerprinted & { voided: boolean },
  ): Promise<boolean> => {
    const fingerprint = of.fingerprint ?? null;
    const claimed = await trx
      .insertInto('receipts')
      .values({
        root_job_id: rootJobId,
        step,
        item: item ?? '',
        run_id: runId,
        outcome: null,
        voided,
        fingerprint,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['root_job_id', 'step', 'item'])
          .doUpdateSet({ run_id: runId, voided, outcome: null, fingerprint })
          .where('receipts.voided', '=', true)
          .where('receipts.run_id', '!=', runId),
      )
      .returning('step')
      .executeTakeFirst();
    return claimed !== undefined;
  };

  const change = (trx: Transaction<Schema>, { rootJobId, step, item }: ReceiptKey) =>
    trx
      .updateTable('receipts')
      .where('root_job_id', '=', rootJobId)
      .where('step', '=', step)
      .where('item', '=', item ?? '');

  const read = (trx: Transaction<Schema>, { rootJobId, step, item }: ReceiptKey) =>
    trx
      .selectFrom('receipts')
      .where('root_job_id', '=', rootJobId)
      .where('step', '=', step)
      .where('item', '=', item ?? '')
      .select(['outcome', 'voided', 'run_id', 'fingerprint', 'ruled_out'])
      .forUpdate()
      .executeTakeFirstOrThrow();

  /** @throws {RunEnded} */
  const stillCounts = async (trx: Transaction<Schema>, { runId, jobId }: Writer): Promise<void> => {
    const { rows } = await sql<{ counts: boolean }>`select may_commit(${jobId}, ${runId}) as counts`.execute(
      trx,
    );
    if (!rows[0]?.counts) throw new RunEnded(`run ${runId} has ended`);
  };

  return {
    find,

    /**
     * Runs the effect and stores its outcome in one transaction; when an earlier attempt has done so, returns what
     * that one stored and runs nothing. When an earlier run has written something else, the effect comes anew.
     * @throws {ReceiptVoided} when this run has given the step up.
     * @throws {RunEnded} when the run has ended by the time of the commit
     */
    once<T>(
      key: ReceiptKey & Fingerprinted & { writer?: Writer },
      effect: (trx: Transaction<Schema>, instead: boolean) => Promise<T>,
    ): Promise<T> {
      return db.transaction().execute(async (trx) => {
        const begun = performance.now();
        const { runId, fingerprint, writer } = key;
        let instead = false;
        if (!(await claim(trx, { ...key, voided: false }))) {
          const earlier = await read(trx, key);
          if (earlier.voided || earlier.ruled_out === runId) {
            throw new ReceiptVoided(`run ${runId} gave the step ${key.step} up`);
          }
          instead = Boolean(fingerprint && earlier.fingerprint && !fingerprint.equals(earlier.fingerprint));
          if (!instead) {
            if (earlier.run_id !== runId) await change(trx, key).set({ run_id: runId }).execute();
            return earlier.outcome as T;
          }
        }
        const outcome = await effect(trx, instead);
        if (writer) {
          if (performance.now() - begun > quickMs && !(await writer.isOpen())) {
            throw new RunEnded(`run ${runId} has ended`);
          }
          await stillCounts(trx, writer);
        }
        await change(trx, key)
          .set({
            run_id: runId,
            outcome: sql<string>`${toJsonb(outcome)}::jsonb`,
            ...(fingerprint ? { fingerprint } : {}),
          })
          .execute();
        return outcome;
      });
    },

    /** Keeps what was done. A receipt that is already there stays, unless it is of another question or a copy. */
    async put<T>(key: ReceiptKey & Fingerprinted & { kind: ReceiptKind }, outcome: T): Promise<void> {
      const { fingerprint = null } = key;
      await db
        .insertInto('receipts')
        .values({
          root_job_id: key.rootJobId,
          step: key.step,
          item: key.item ?? '',
          run_id: key.runId,
          outcome: toJsonb(outcome),
          voided: false,
          fingerprint,
          kind: key.kind,
        })
        .onConflict((conflict) =>
          conflict
            .columns(['root_job_id', 'step', 'item'])
            .doUpdateSet((set) => ({
              run_id: set.ref('excluded.run_id'),
              outcome: set.ref('excluded.outcome'),
              fingerprint: set.ref('excluded.fingerprint'),
              kind: set.ref('excluded.kind'),
              copied_from: null,
            }))
            .where('receipts.voided', '=', false)
            // Unknown, and so not true, where either has no fingerprint and there is no copy.
            .where(
              sql<boolean>`(receipts.fingerprint <> excluded.fingerprint or receipts.copied_from is not null)`,
            ),
        )
        .execute();
    },

    /**
     * Hands on what these steps of a job have left, so that a job that asks the same finds it. Repeating it is harmless. What
     * an earlier call for the same new job has handed on besides is taken back: that call wanted another fork, and was not
     * sent. If it stayed, a step that is to be done again would find it.
     * @returns the steps that have left any
     */
    async copy({
      from,
      to,
      steps,
    }: {
      from: string;
      to: string;
      steps: readonly string[];
    }): Promise<string[]> {
      const { rows } = await sql<{ step: string }>`
        with left_there as (
          select step, item, run_id, outcome, fingerprint, kind, coalesce(copied_from, root_job_id) as copied_from
          from receipts
          where root_job_id = ${from} and step = any(${steps}) and kind in ('paid', 'reused')
            and fingerprint is not null and outcome is not null and not voided
        ), taken_back as (
          delete from receipts as copy
          where root_job_id = ${to} and copied_from is not null and not exists (
            select from left_there where left_there.step = copy.step and left_there.item = copy.item)
        ), copied as (
          insert into receipts (root_job_id, step, item, run_id, outcome, voided, fingerprint, kind, copied_from)
          select ${to}, step, item, run_id, outcome, false, fingerprint, kind, copied_from from left_there
          order by step, item
          on conflict (root_job_id, step, item) do update
          set run_id = excluded.run_id, outcome = excluded.outcome, fingerprint = excluded.fingerprint,
            kind = excluded.kind, copied_from = excluded.copied_from
          where receipts.copied_from is not null and not receipts.voided
            and (receipts.copied_from, receipts.fingerprint) is distinct from (excluded.copied_from, excluded.fingerprint)
        )
        select distinct step from left_there`.execute(db);
      return rows.map(({ step }) => step);
    },

    /**
     * What the effect of this run left, if it happened; if not, this run can no longer make it happen. What an earlier
     * run has written for another input stays, and is none of this run's.
     */
    settle<T>(key: ReceiptKey): Promise<T | null> {
      return db.transaction().execute(async (trx) => {
        if (await claim(trx, { ...key, voided: true })) return null;
        const earlier = await read(trx, key);
        if (earlier.voided) return null;
        if (earlier.run_id === key.runId || earlier.fingerprint === null) return earlier.outcome as T;
        await change(trx, key).set({ ruled_out: key.runId }).execute();
        return null;
      });
    },
  };
}

export type Receipts = ReturnType<typeof createReceipts>;
