import { type Selectable, type Transaction, sql } from 'kysely';
import type { Failure } from '../job-types/contract/failure.js';
import type { Database } from './database.js';
import { toJsonb } from './jsonb.js';
import { rootOf } from './receipts.js';
import type { ConversationTurnsTable, ConversationsTable, ReplyStatus, Schema } from './schema.js';

/** Whose conversation, and which. */
export interface ConversationKey {
  owner: string;
  conversation: string;
}

/** A message as the job has it that is to answer it. */
export interface NewTurn extends ConversationKey {
  jobId: string;
  message?: string | undefined;
  /** The client's own id of the message. */
  messageId?: string | undefined;
  /** Kept with a conversation that is new. */
  system?: string | undefined;
}

export interface BeginningReply extends NewTurn {
  /** Id of a message from which on all is replaced by this turn. */
  replaces?: string | undefined;
  /** Of what was said before, so many turns. */
  mostTurns: number;
}

/** What was said before a reply. */
export interface Before {
  system: string | null;
  earlier: { message: string | null; reply: string | null }[];
}

export interface Reply {
  status: ReplyStatus;
  text: string | null;
  model: string | null;
  failure: Failure | null;
}

export interface NewConversation extends ConversationKey {
  title: string | null;
  system: string | null;
  model: string | null;
}

export type Conversation = Selectable<ConversationsTable>;
export type Turn = Selectable<ConversationTurnsTable>;

/** The id of the reply, among the messages of a conversation. */
export const replyId = (rootJobId: string): string => `${rootJobId}.reply`;

/** The id of a message to which its client has given none. */
const ownMessageId = (rootJobId: string): string => `${rootJobId}.message`;

/** A turn that the database has not taken note of yet. */
export const unnoted = ({ owner, conversation, jobId, message = null, messageId }: Unnoted): Turn => ({
  owner,
  conversation,
  turn: 0,
  root_job_id: rootOf(jobId),
  job_id: jobId,
  message_id: messageId ?? ownMessageId(rootOf(jobId)),
  message,
  begun: false,
  replaced: false,
  reply: null,
  reply_status: null,
  model: null,
  failure: null,
  created_at: new Date(),
  replied_at: null,
});
type Unnoted = Omit<NewTurn, 'message'> & { message?: string | null | undefined };

/** As the functions of the database take it. */
function given(turn: NewTurn | BeginningReply): string {
  const rootJobId = rootOf(turn.jobId);
  return toJsonb({ ...turn, rootJobId, messageId: turn.messageId ?? ownMessageId(rootJobId) });
}

/** Conversations and what was said in them. */
export function createConversations(db: Database) {
  const turnsOf = ({ owner, conversation }: ConversationKey) =>
    db
      .selectFrom('conversation_turns')
      .selectAll()
      .where('owner', '=', owner)
      .where('conversation', '=', conversation)
      .where('replaced', '=', false);

  return {
    /** One that was deleted begins anew. @returns null when there is one of this id */
    async create({ owner, conversation: id, ...kept }: NewConversation): Promise<Conversation | null> {
      const anew = { ...kept, deleted_at: null, created_at: sql<Date>`now()`, updated_at: sql<Date>`now()` };
      const row = await db
        .insertInto('conversations')
        .values({ owner, id, ...kept })
        .onConflict((conflict) =>
          conflict
            .columns(['owner', 'id'])
            .doUpdateSet(anew)
            .where('conversations.deleted_at', 'is not', null),
        )
        .returningAll()
        .executeTakeFirst();
      return row ?? null;
    },

    /** Begins one anew that was deleted. Any other is left as it is. */
    async revive({ owner, conversation }: ConversationKey): Promise<void> {
      await db
        .updateTable('conversations')
        .set({ deleted_at: null, model: null, created_at: sql<Date>`now()`, updated_at: sql<Date>`now()` })
        .where('owner', '=', owner)
        .where('id', '=', conversation)
        .where('deleted_at', 'is not', null)
        .execute();
    },

    async find({ owner, conversation }: ConversationKey): Promise<Conversation | null> {
      const row = await db
        .selectFrom('conversations')
        .selectAll()
        .where('owner', '=', owner)
        .where('id', '=', conversation)
        .where('deleted_at', 'is', null)
        .executeTakeFirst();
      return row ?? null;
    },

    /** Newest first. @param page.before the number of the last one of the page before */
    async list(
      owner: string,
      { before, limit }: { before?: string | undefined; limit: number },
    ): Promise<Conversation[]> {
      return db
        .selectFrom('conversations')
        .selectAll()
        .where('owner', '=', owner)
        .where('deleted_at', 'is', null)
        .$if(before !== undefined, (query) => query.where('number', '<', before ?? ''))
        .orderBy('number', 'desc')
        .limit(limit)
        .execute();
    },

    /** The last turns before the one with this number, in their order. */
    async turns(
      key: ConversationKey,
      { before, limit }: { before?: number | undefined; limit: number },
    ): Promise<Turn[]> {
      const rows = await turnsOf(key)
        .$if(before !== undefined, (query) => query.where('turn', '<', before ?? 0))
        .orderBy('turn', 'desc')
        .limit(limit)
        .execute();
      return rows.toReversed();
    },

    /** Turns whose reply nobody has saved: it is written, about to be, or was ended by force. First the one that began last. */
    async unsaved(key: ConversationKey, limit: number): Promise<Turn[]> {
      return turnsOf(key)
        .where('reply_status', 'is', null)
        .orderBy('begun', 'desc')
        .orderBy(sql`case when begun then -turn else turn end`)
        .limit(limit)
        .execute();
    },

    /** The turn whose message or reply has this id. */
    async turnOf(key: ConversationKey, messageId: string): Promise<Turn | null> {
      const row = await turnsOf(key)
        .where(sql<boolean>`${messageId} in (message_id, root_job_id || '.reply')`)
        .orderBy('turn', 'desc')
        .executeTakeFirst();
      return row ?? null;
    },

    async turnOfJob(jobId: string): Promise<Turn | null> {
      const rows = db.selectFrom('conversation_turns').selectAll();
      return (await rows.where('root_job_id', '=', rootOf(jobId)).executeTakeFirst()) ?? null;
    },

    /** Shows a message whose job has been started; the job does so itself if nobody else has. */
    async note(turn: NewTurn): Promise<Turn | null> {
      const { rows } = await sql<Turn | { owner: null }>`
        select (noted).* from (select note_turn(${given(turn)}::jsonb) as noted offset 0) as one`.execute(db);
      const [row] = rows;
      return row && row.owner !== null ? row : null;
    },

    /** @returns null when the conversation has been deleted */
    async begin(turn: BeginningReply): Promise<Before | null> {
      const { rows } = await sql<{ before: Before | null }>`
        select begin_reply(${given(turn)}::jsonb) as before`.execute(db);
      return rows[0]?.before ?? null;
    },

    /** Deletes what was said. @returns the jobs whose replies nobody has saved; null when there is no such conversation */
    async remove({ owner, conversation }: ConversationKey): Promise<string[] | null> {
      return db.transaction().execute(async (trx) => {
        const gone = await trx
          .updateTable('conversations')
          .set({ deleted_at: sql<Date>`now()`, system: null, title: null })
          .where('owner', '=', owner)
          .where('id', '=', conversation)
          .where('deleted_at', 'is', null)
          .returning('id')
          .executeTakeFirst();
        if (!gone) return null;
        const turns = await trx
          .deleteFrom('conversation_turns')
          .where('owner', '=', owner)
          .where('conversation', '=', conversation)
          .returning(['job_id', 'reply_status'])
          .execute();
        return turns.filter((turn) => turn.reply_status === null).map((turn) => turn.job_id);
      });
    },

    keepReply: (jobId: string, reply: Reply): Promise<boolean> => keepReply(db, { jobId, reply }),
  };
}

/**
 * Keeps what came of a reply, unless another job has taken the turn over.
 * @returns false when there is no such turn any more
 */
export async function keepReply(
  trx: Database | Transaction<Schema>,
  { jobId, reply }: { jobId: string; reply: Reply },
): Promise<boolean> {
  const { status, text, model, failure } = reply;
  const row = await trx
    .updateTable('conversation_turns')
    .set({
      reply: text,
      reply_status: status,
      model,
      failure: failure === null ? null : sql<string>`${toJsonb(failure)}::jsonb`,
      replied_at: sql<Date>`now()`,
    })
    .where('root_job_id', '=', rootOf(jobId))
    .where('job_id', '=', jobId)
    .returning('turn')
    .executeTakeFirst();
  return row !== undefined;
}

export type Conversations = ReturnType<typeof createConversations>;
