import { type Transaction, sql } from 'kysely';
import type { Database } from './database.js';
import { toJsonb } from './jsonb.js';
import type { Row, Schema } from './schema.js';

export interface ChatKey {
  owner: string;
  chat: string;
}

export type WorkbookChat = Row<'workbook_chats'>;

/** What a confirm comes to. */
export type Decided =
  /** The plan that waits is to be told; again where that was decided before. Null: as it was proposed. */
  | { how: 'answer' | 'same'; job: string; plan: string | null }
  /** Nothing waits, and a job of this id runs the plan. `again`: it was decided before, and may have been started. */
  | { how: 'start'; job: string; plan: string; again: boolean }
  | { how: 'nothing' };

export interface Confirming {
  /** Of a job that would be started; not used when a plan waits. */
  job: string;
  /** The plan of the request in canonical JSON; null where the plan that waits is meant. */
  plan: string | null;
  /** What is run, as it is shown to people; null where nobody could tell. */
  shown: unknown;
}

type Trx = Transaction<Schema>;

/** Conversations about workbooks. What a plan comes to is decided by one row, whoever asks at once. */
export function createWorkbookChats(db: Database) {
  const locked = (trx: Trx, { owner, chat }: ChatKey) =>
    trx
      .selectFrom('workbook_chats')
      .selectAll()
      .where('owner', '=', owner)
      .where('id', '=', chat)
      .forUpdate()
      .executeTakeFirst();

  const change = async (
    trx: Database,
    { owner, chat }: ChatKey,
    set: Partial<
      Pick<WorkbookChat, 'request' | 'pending_job' | 'decided_job' | 'decided_plan' | 'decided_at_start'>
    >,
  ): Promise<void> => {
    await trx
      .updateTable('workbook_chats')
      .set({ ...set, updated_at: sql<Date>`now()` })
      .where('owner', '=', owner)
      .where('id', '=', chat)
      .execute();
  };

  return {
    /** @returns null when there is one of this id */
    async create({
      owner,
      chat,
      participant,
    }: ChatKey & { participant: string }): Promise<WorkbookChat | null> {
      const row = await db
        .insertInto('workbook_chats')
        .values({
          owner,
          id: chat,
          participant,
          request: null,
          pending_job: null,
          decided_job: null,
          decided_plan: null,
        })
        .onConflict((conflict) => conflict.columns(['owner', 'id']).doNothing())
        .returningAll()
        .executeTakeFirst();
      return row ?? null;
    },

    async find({ owner, chat }: ChatKey): Promise<WorkbookChat | null> {
      const row = await db
        .selectFrom('workbook_chats')
        .selectAll()
        .where('owner', '=', owner)
        .where('id', '=', chat)
        .executeTakeFirst();
      return row ?? null;
    },

    /** What is asked next is no repeat of what was decided before. */
    asked: (key: ChatKey, request: string | null): Promise<void> =>
      change(db, key, { request, decided_job: null, decided_plan: null }),

    somethingCame: (key: ChatKey): Promise<void> =>
      change(db, key, { decided_job: null, decided_plan: null }),

    /** A job that proposes a plan, in place of the one that waits. @returns that one */
    async propose(key: ChatKey, job: string): Promise<string | null> {
      return db.transaction().execute(async (trx) => {
        const row = await locked(trx, key);
        if (!row) return null;
        await note(trx, { ...key, job });
        await change(trx, key, { request: null, pending_job: job, decided_job: null, decided_plan: null });
        if (row.pending_job === null) return null;
        await decline(trx, row.pending_job);
        return row.pending_job;
      });
    },

    /** The first of those who decide at once decides. */
    async confirm(key: ChatKey, { job, plan, shown }: Confirming): Promise<Decided> {
      return db.transaction().execute(async (trx): Promise<Decided> => {
        const row = await locked(trx, key);
        if (!row) return { how: 'nothing' };
        const { pending_job: pending, decided_job: decided, decided_plan: before } = row;
        if (pending !== null) {
          await change(trx, key, {
            pending_job: null,
            decided_job: pending,
            decided_plan: plan,
            decided_at_start: false,
          });
          await confirmed(trx, { job: pending, shown });
          return { how: 'answer', job: pending, plan };
        }
        if (decided !== null && (plan === null || plan === before)) {
          return row.decided_at_start && before !== null
            ? { how: 'start', job: decided, plan: before, again: true }
            : { how: 'same', job: decided, plan: before };
        }
        if (plan === null) return { how: 'nothing' };
        await note(trx, { ...key, job });
        await confirmed(trx, { job, shown });
        await change(trx, key, { decided_job: job, decided_plan: plan, decided_at_start: true });
        return { how: 'start', job, plan, again: false };
      });
    },

    /** @returns the job whose plan was declined; null when none waits */
    async decline(key: ChatKey): Promise<string | null> {
      return db.transaction().execute(async (trx) => {
        const pending = (await locked(trx, key))?.pending_job ?? null;
        if (pending === null) return null;
        await change(trx, key, { pending_job: null, decided_job: null, decided_plan: null });
        await decline(trx, pending);
        return pending;
      });
    },

    /** The job has ended without a decision, or what was decided did not come to be. */
    async drop(key: ChatKey, job: string): Promise<void> {
      await db.transaction().execute(async (trx) => {
        const row = await locked(trx, key);
        if (row?.pending_job === job) await change(trx, key, { pending_job: null });
        if (row?.decided_job === job) await change(trx, key, { decided_job: null, decided_plan: null });
        await trx
          .updateTable('workbook_jobs')
          .set({ confirmed_at: null })
          .where('job_id', '=', job)
          .execute();
      });
    },

    /** @returns the ids of its jobs and files; null when there is no such conversation */
    async remove(key: ChatKey): Promise<{ jobs: string[]; files: string[] } | null> {
      return db.transaction().execute(async (trx) => {
        if (!(await locked(trx, key))) return null;
        const of = { owner: key.owner, chat: key.chat };
        const { rows: jobs } = await sql<{ id: string }>`
          select job_id as id from workbook_jobs where owner = ${of.owner} and chat = ${of.chat}`.execute(
          trx,
        );
        const { rows: files } = await sql<{ id: string }>`
          select file_id as id from workbook_files where owner = ${of.owner} and chat = ${of.chat}`.execute(
          trx,
        );
        await trx
          .deleteFrom('workbook_chats')
          .where('owner', '=', of.owner)
          .where('id', '=', of.chat)
          .execute();
        return { jobs: jobs.map(({ id }) => id), files: files.map(({ id }) => id) };
      });
    },
  };
}

const note = (trx: Trx, { owner, chat, job }: ChatKey & { job: string }) =>
  trx
    .insertInto('workbook_jobs')
    .values({ owner, chat, job_id: job, plan: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();

const confirmed = (trx: Trx, { job, shown }: { job: string; shown: unknown }) =>
  trx
    .updateTable('workbook_jobs')
    .set({ plan: sql<string>`${toJsonb(shown)}::jsonb`, confirmed_at: sql<Date>`now()` })
    .where('job_id', '=', job)
    .execute();

const decline = (trx: Trx, job: string) =>
  trx
    .updateTable('workbook_jobs')
    .set({ declined_at: sql<Date>`now()` })
    .where('job_id', '=', job)
    .execute();

export type WorkbookChats = ReturnType<typeof createWorkbookChats>;
