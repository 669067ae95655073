import { type Transaction, sql } from 'kysely';
import type { Database } from './database.js';
import { toJsonb } from './jsonb.js';
import { enterPlace, leavePlace } from './places.js';
import type { Row, Schema } from './schema.js';

export interface ChatKey {
  owner: string;
  chat: string;
}

export type WorkbookChat = Row<'workbook_chats'>;

/** What a job is told, or started with: JSON, which is fixed by the first confirm. */
type Told = object;

/** What a confirm comes to. */
export type Decided =
  /** The plan that waits is to be told; the same again where that was decided before. */
  | { how: 'answer' | 'same'; job: string; told: Told }
  /** Nothing waits, and a job of this id runs the plan. `again`: it was decided before, and may have been started. */
  | { how: 'start'; job: string; told: Told; again: boolean }
  /** Another plan waits by now than the one that was looked at, or none. */
  | { how: 'changed' }
  | { how: 'nothing' };

export interface Confirming {
  /** Of a job that would be started; not used when a plan waits. */
  job: string;
  /** The job whose plan was looked at; null when none waited. */
  seen: string | null;
  /** Tells the plan of the request from others; null where the plan that waits is meant. */
  asked: string | null;
  /** Tells the plan that is run from others. */
  run: string;
  told: Told;
  /** What is run, as it is shown to people; null where nobody could tell. */
  shown: unknown;
  /** What is limited, and so queues: the type of the job. */
  kind: string;
}

/** In the row, as JSON. */
interface Decision {
  run: string;
  told: Told;
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

  const decide = async (
    trx: Trx,
    { key, job, run, told, shown, kind, atStart }: Confirming & { key: ChatKey; atStart: boolean },
  ): Promise<void> => {
    await change(trx, key, {
      pending_job: null,
      decided_job: job,
      decided_plan: JSON.stringify({ run, told } satisfies Decision),
      decided_at_start: atStart,
    });
    await enterPlace(trx, { jobId: job, owner: key.owner, kind, lane: key.chat });
    await confirmed(trx, { job, shown });
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

    /** What is asked next is no repeat of what was decided before. It stays until a job is at it. */
    asked: (key: ChatKey, request: string): Promise<void> =>
      change(db, key, { request, decided_job: null, decided_plan: null }),

    /** A job is at what was asked. */
    async answered({ owner, chat }: ChatKey, request: string): Promise<void> {
      await db
        .updateTable('workbook_chats')
        .set({ request: null })
        .where('owner', '=', owner)
        .where('id', '=', chat)
        .where('request', '=', request)
        .execute();
    },

    somethingCame: (key: ChatKey): Promise<void> =>
      change(db, key, { decided_job: null, decided_plan: null }),

    /** A job that proposes a plan, in place of the one that waits. @returns that one */
    async propose(key: ChatKey, job: string): Promise<string | null> {
      return db.transaction().execute(async (trx) => {
        const row = await locked(trx, key);
        if (!row) return null;
        await note(trx, { ...key, job });
        await change(trx, key, { pending_job: job, decided_job: null, decided_plan: null });
        if (row.pending_job === null) return null;
        await decline(trx, row.pending_job);
        return row.pending_job;
      });
    },

    /** The first of those who decide at once decides, and gives the job its place in the order of the conversation. */
    async confirm(key: ChatKey, confirming: Confirming): Promise<Decided> {
      const { seen, asked, told } = confirming;
      return db.transaction().execute(async (trx): Promise<Decided> => {
        const row = await locked(trx, key);
        if (!row) return { how: 'nothing' };
        const { pending_job: pending, decided_job: decided } = row;
        if (pending !== seen) return { how: 'changed' };
        if (pending !== null) {
          await decide(trx, { ...confirming, key, job: pending, atStart: false });
          return { how: 'answer', job: pending, told };
        }
        const before = row.decided_plan === null ? null : (JSON.parse(row.decided_plan) as Decision);
        if (decided !== null && before !== null && (asked === null || asked === before.run)) {
          return row.decided_at_start
            ? { how: 'start', job: decided, told: before.told, again: true }
            : { how: 'same', job: decided, told: before.told };
        }
        if (asked === null) return { how: 'nothing' };
        await note(trx, { ...key, job: confirming.job });
        await decide(trx, { ...confirming, key, atStart: true });
        return { how: 'start', job: confirming.job, told, again: false };
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

    /** The job has ended without a decision. */
    async forgetPending({ owner, chat }: ChatKey, job: string): Promise<void> {
      await db
        .updateTable('workbook_chats')
        .set({ pending_job: null })
        .where('owner', '=', owner)
        .where('id', '=', chat)
        .where('pending_job', '=', job)
        .execute();
    },

    /** The job has not come to be, or what was decided was not told to it. */
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
        await leavePlace(trx, job);
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
