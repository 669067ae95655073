import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What was said in conversations: a turn is a message and the reply to it. */
export const conversations: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table conversations (
        number bigint generated always as identity,
        owner text not null,
        id text not null,
        title text,
        system text,
        model text,
        last_turn integer not null default 0,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        deleted_at timestamptz,
        primary key (owner, id)
      )`.execute(db);
    await sql`create index conversations_newest on conversations (owner, number desc)
      where deleted_at is null`.execute(db);
    await sql`
      create table conversation_turns (
        owner text not null,
        conversation text not null,
        turn integer not null,
        root_job_id text not null unique,
        job_id text not null,
        message_id text not null,
        message text,
        begun boolean not null default false,
        replaced boolean not null default false,
        reply text,
        reply_status text,
        model text,
        failure jsonb,
        created_at timestamptz not null default now(),
        replied_at timestamptz,
        primary key (owner, conversation, turn),
        foreign key (owner, conversation) references conversations on delete cascade
      )`.execute(db);
    await noteTurn(db);
    await beginReply(db);
  },
};

/** The place of a job in its conversation, which is locked until the commit. Null when the conversation is deleted. */
async function noteTurn(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function note_turn(given jsonb) returns conversation_turns language plpgsql as $$
    declare
      talk conversations;
      noted conversation_turns;
    begin
      insert into conversations (owner, id, system)
      values (given ->> 'owner', given ->> 'conversation', given ->> 'system')
      on conflict do nothing;
      select * into talk from conversations
      where owner = given ->> 'owner' and id = given ->> 'conversation' for update;
      if talk.deleted_at is not null then
        return null;
      end if;
      insert into conversation_turns (owner, conversation, turn, root_job_id, job_id, message_id, message)
      values (talk.owner, talk.id, talk.last_turn + 1, given ->> 'rootJobId', given ->> 'jobId',
              given ->> 'messageId', given ->> 'message')
      on conflict (root_job_id) do nothing
      returning * into noted;
      if found then
        update conversations
        set last_turn = last_turn + 1, updated_at = now(), title = coalesce(title, left(given ->> 'message', 100))
        where number = talk.number;
      else
        select * into noted from conversation_turns
        where root_job_id = given ->> 'rootJobId' and owner = talk.owner and conversation = talk.id;
      end if;
      return noted;
    end $$`.execute(db);
}

/**
 * The turn of a job whose reply is about to be written, and what was said before. Turns begin in the order of their
 * numbers: one that begins behind others takes a new number. An earlier reply that nobody has saved is over, since its
 * job had the conversation before: what it had said is kept as stopped.
 */
async function beginReply(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function begin_reply(given jsonb) returns jsonb language plpgsql as $$
    declare
      noted conversation_turns;
      talk conversations;
      replaced_from integer;
    begin
      noted := note_turn(given);
      if noted.root_job_id is null then
        return null;
      end if;
      select * into talk from conversations where owner = noted.owner and id = noted.conversation;
      if not noted.begun and exists (
        select from conversation_turns as other
        where other.owner = talk.owner and other.conversation = talk.id and other.begun and other.turn > noted.turn)
      then
        update conversations set last_turn = last_turn + 1 where number = talk.number
        returning last_turn into noted.turn;
      end if;
      update conversation_turns
      set turn = noted.turn, begun = true, job_id = given ->> 'jobId',
          reply = case when job_id = given ->> 'jobId' then reply end,
          reply_status = case when job_id = given ->> 'jobId' then reply_status end,
          failure = case when job_id = given ->> 'jobId' then failure end
      where root_job_id = noted.root_job_id;
      if given ->> 'replaces' is not null then
        select min(turn) into replaced_from from conversation_turns
        where owner = talk.owner and conversation = talk.id and not replaced and turn < noted.turn
          and given ->> 'replaces' in (message_id, root_job_id || '.reply');
        update conversation_turns set replaced = true
        where owner = talk.owner and conversation = talk.id and turn >= replaced_from and turn < noted.turn;
      end if;
      update conversation_turns as earlier
      set reply_status = 'stopped', replied_at = now(), reply = (
        select string_agg(data ->> 'text', '' order by seq) from events
        where job_id = earlier.job_id and type = 'output.delta' and step = 'reply' and seq > coalesce((
          select max(seq) from events
          where job_id = earlier.job_id and type = 'output.reset' and step = 'reply'), 0))
      where owner = talk.owner and conversation = talk.id and begun and not replaced
        and reply_status is null and turn < noted.turn;
      return jsonb_build_object('system', talk.system, 'earlier', (
        select coalesce(jsonb_agg(jsonb_build_object('message', message, 'reply', reply) order by turn), '[]')
        from (
          select turn, message, reply from conversation_turns
          where owner = talk.owner and conversation = talk.id and begun and not replaced and turn < noted.turn
          order by turn desc limit (given ->> 'mostTurns')::integer) as before));
    end $$`.execute(db);
}
