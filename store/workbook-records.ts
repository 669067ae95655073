import { sql } from 'kysely';
import type { Database } from './database.js';
import { toJsonb } from './jsonb.js';
import type { Row } from './schema.js';
import type { ChatKey } from './workbook-chats.js';

export interface ChatFile {
  fileId: string;
  name: string;
  size: number;
  createdAt: Date;
  /** Whether a person has uploaded it, or a step made it. */
  uploaded: boolean;
  /** The job that made it. */
  jobId: string | null;
}

export type ChatJob = Row<'workbook_jobs'>;
export type ChatMessage = Row<'workbook_messages'>;

/** What belongs to conversations about workbooks: messages, files and jobs. */
export function createWorkbookRecords(db: Database) {
  return {
    async say(
      { owner, chat }: ChatKey,
      {
        kind,
        content,
        data = {},
      }: Pick<ChatMessage, 'kind' | 'content'> & { data?: Record<string, unknown> },
    ): Promise<void> {
      // One that was deleted meanwhile has no messages.
      await sql`
        insert into workbook_messages (owner, chat, kind, content, data)
        select owner, id, ${kind}, ${content}, ${toJsonb(data)}::jsonb from workbook_chats
        where owner = ${owner} and id = ${chat}`.execute(db);
    },

    /** The last ones, in their order. */
    async messages({ owner, chat }: ChatKey, limit: number): Promise<ChatMessage[]> {
      const rows = await db
        .selectFrom('workbook_messages')
        .selectAll()
        .where('owner', '=', owner)
        .where('chat', '=', chat)
        .orderBy('number', 'desc')
        .limit(limit)
        .execute();
      return rows.toReversed();
    },

    /**
     * Adds an upload under a name that the conversation does not have yet. The newest one once more is no second file:
     * whoever was told that it failed sends it again.
     * @returns the name; null for no such conversation
     */
    async addFile(
      { owner, chat }: ChatKey,
      { fileId, name }: { fileId: string; name: string },
    ): Promise<{ name: string; isRepeated: boolean } | null> {
      return db.transaction().execute(async (trx) => {
        const { rows } = await sql`
          select from workbook_chats where owner = ${owner} and id = ${chat} for update`.execute(trx);
        if (rows.length === 0) return null;
        const { rows: same } = await sql<{ name: string }>`
          select newest.name from files as f, lateral (
            select w.name, w.file_id from workbook_files as w
            where w.owner = ${owner} and w.chat = ${chat} order by w.number desc limit 1) as newest
          join files as before on before.id = newest.file_id
          where f.id = ${fileId} and before.name = f.name and before.size = f.size and before.sha256 = f.sha256`.execute(
          trx,
        );
        if (same[0]) return { name: same[0].name, isRepeated: true };
        const taken = await trx
          .selectFrom('workbook_files')
          .select('name')
          .where('owner', '=', owner)
          .where('chat', '=', chat)
          .execute();
        const free = freeName(name, new Set(taken.map((row) => row.name)));
        await trx.insertInto('workbook_files').values({ owner, chat, name: free, file_id: fileId }).execute();
        // Whatever it is given to, it stays as long as the conversation.
        await sql`
          insert into file_jobs (file_id, job_id) values (${fileId}, ${`chat ${chat}`}) on conflict do nothing`.execute(
          trx,
        );
        return { name: free, isRepeated: false };
      });
    },

    /** Uploads, and what steps of its jobs made, the oldest first. */
    async files({ owner, chat }: ChatKey): Promise<ChatFile[]> {
      const { rows } = await sql<ChatFile>`
        select f.id as "fileId", w.name, f.size::float8 as size, w.created_at as "createdAt", true as uploaded, null as "jobId"
        from workbook_files as w join files as f on f.id = w.file_id
        where w.owner = ${owner} and w.chat = ${chat}
        union all
        select f.id, f.name, f.size::float8, f.stored_at, false, j.job_id
        from workbook_jobs as j join files as f on f.made_by = j.job_id
        where j.owner = ${owner} and j.chat = ${chat} and f.owner = ${owner} and f.stored_at is not null
        order by "createdAt"`.execute(db);
      return rows;
    },

    async jobs({ owner, chat }: ChatKey): Promise<ChatJob[]> {
      return db
        .selectFrom('workbook_jobs')
        .selectAll()
        .where('owner', '=', owner)
        .where('chat', '=', chat)
        .orderBy('number')
        .execute();
    },

    async job(key: ChatKey, jobId: string): Promise<ChatJob | null> {
      const row = await db
        .selectFrom('workbook_jobs')
        .selectAll()
        .where('job_id', '=', jobId)
        .where('owner', '=', key.owner)
        .where('chat', '=', key.chat)
        .executeTakeFirst();
      return row ?? null;
    },

    /** Of plans that were confirmed: those of a conversation, or the newest of an owner. */
    async confirmed({ owner, chat }: { owner: string; chat: string | null }): Promise<ChatJob[]> {
      const rows = await db
        .selectFrom('workbook_jobs')
        .selectAll()
        .where('owner', '=', owner)
        .where('confirmed_at', 'is not', null)
        .$if(chat !== null, (query) => query.where('chat', '=', chat ?? ''))
        .orderBy('confirmed_at', 'desc')
        .orderBy('number', 'desc')
        .limit(chat === null ? 1 : 200)
        .execute();
      return rows.toReversed();
    },
  };
}

/** "people (2).xlsx" where there is a "people.xlsx". */
function freeName(name: string, taken: ReadonlySet<string>): string {
  const [, base = name, ending = ''] = /^(.*?)(\.[^.]*)?$/.exec(name) ?? [];
  for (let number = 1; ; number += 1) {
    const one = number === 1 ? name : `${base} (${number})${ending}`;
    if (!taken.has(one)) return one;
  }
}

export type WorkbookRecords = ReturnType<typeof createWorkbookRecords>;
