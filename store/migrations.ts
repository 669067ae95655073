import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Database } from './database.js';

const first: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table words (
        id bigint generated always as identity primary key,
        owner text not null,
        source_lang text not null,
        target_lang text not null,
        word text not null,
        lemma text,
        part_of_speech text,
        gender text,
        translation text,
        examples text[] not null,
        source_url text not null,
        job_id text not null,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        unique (owner, source_lang, target_lang, word)
      )`.execute(db);
    await sql`create index words_newest on words (owner, id desc)`.execute(db);

    await sql`
      create table documents (
        id uuid primary key default gen_random_uuid(),
        root_job_id text not null,
        step text not null,
        owner text not null,
        url text not null,
        title text,
        language text,
        body text not null,
        created_at timestamptz not null default now(),
        unique (root_job_id, step)
      )`.execute(db);

    await sql`
      create table receipts (
        root_job_id text not null,
        step text not null,
        run_id text not null,
        outcome jsonb,
        voided boolean not null default false,
        created_at timestamptz not null default now(),
        primary key (root_job_id, step)
      )`.execute(db);

    await sql`
      create table outcomes (
        job_id text primary key,
        run_id text not null,
        type text not null,
        owner text not null,
        status text not null,
        job jsonb not null,
        finished_at timestamptz not null,
        archived_at timestamptz not null default now()
      )`.execute(db);

    await sql`
      create table cancellations (
        job_id text primary key,
        requested_at timestamptz not null default now(),
        reason text
      )`.execute(db);

    await sql`
      create table event_logs (
        job_id text primary key,
        last_seq integer not null default 0,
        attempts jsonb not null default '{}',
        sealed boolean not null default false
      )`.execute(db);
    await sql`
      create table events (
        job_id text not null,
        seq integer not null,
        key text not null,
        type text not null,
        time timestamptz not null,
        step text,
        attempt integer,
        data jsonb not null,
        primary key (job_id, seq),
        unique (job_id, key)
      )`.execute(db);
  },
};

const contract: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table api_keys (
        id text primary key,
        owner text not null,
        hash bytea not null,
        created_at timestamptz not null default now(),
        last_used_at timestamptz,
        revoked_at timestamptz
      )`.execute(db);

    // A deadline that nobody has carried out yet is found by the partial index.
    await sql`
      alter table cancellations
        add column run_id text,
        add column mode text not null default 'graceful',
        add column deadline timestamptz,
        add column settled_at timestamptz,
        add column escalated boolean not null default false`.execute(db);
    await sql`create index cancellations_due on cancellations (deadline) where settled_at is null`.execute(
      db,
    );

    // The holder of a key is the job with the lowest position; the others wait in the order of their positions.
    await sql`
      create table concurrency_queue (
        position bigint generated always as identity primary key,
        owner text not null,
        type text not null,
        key text not null,
        job_id text not null unique,
        entered_at timestamptz not null default now()
      )`.execute(db);
    await sql`create index concurrency_turn on concurrency_queue (owner, type, key, position)`.execute(db);
  },
};

const appending: Migration = {
  async up(db: Kysely<unknown>) {
    // One round trip an append: the row of the log is locked first, so numbers become visible in their order, without
    // gaps. A key already there adds nothing; an attempt older than the newest one heard of is refused; a reset is only
    // kept when there is text of another attempt to drop: repeated after a lost answer, it must not drop its own.
    await sql`
      create or replace function append_events(log_id text, entries jsonb) returns integer language plpgsql as $$
      declare
        log event_logs;
        entry jsonb;
        newest integer;
      begin
        insert into event_logs (job_id) values (log_id) on conflict do nothing;
        select * into log from event_logs where job_id = log_id for update;
        for entry in select * from jsonb_array_elements(entries) loop
          exit when log.sealed;
          newest := coalesce((log.attempts ->> (entry ->> 'scope'))::integer, 0);
          continue when entry ->> 'scope' is not null and (entry ->> 'attempt')::integer < newest;
          continue when exists (select from events where job_id = log_id and key = entry ->> 'key');
          continue when entry ->> 'type' = 'output.reset' and not exists (
            select from events where job_id = log_id and type = 'output.delta' and step = entry ->> 'step'
              and not starts_with(key, concat_ws('/', entry ->> 'scope', entry ->> 'attempt', '')));
          log.last_seq := log.last_seq + 1;
          insert into events (job_id, seq, key, type, time, step, attempt, data)
          values (log_id, log.last_seq, entry ->> 'key', entry ->> 'type', (entry ->> 'time')::timestamptz,
                  entry ->> 'step', (entry ->> 'attempt')::integer, coalesce(entry -> 'data', '{}'));
          if entry ->> 'scope' is not null then
            log.attempts := log.attempts || jsonb_build_object(entry ->> 'scope', (entry ->> 'attempt')::integer);
          end if;
          log.sealed := entry ->> 'type' = 'end';
        end loop;
        update event_logs set last_seq = log.last_seq, attempts = log.attempts, sealed = log.sealed
        where job_id = log_id;
        return log.last_seq;
      end $$`.execute(db);
  },
};

const turns: Migration = {
  async up(db: Kysely<unknown>) {
    // The holder of a key is the job that has taken hold of it, otherwise the one with the lowest position.
    await sql`alter table concurrency_queue add column held boolean not null default false`.execute(db);
    await sql`create unique index concurrency_holder on concurrency_queue (owner, type, key) where held`.execute(
      db,
    );
    await sql`drop index concurrency_turn`.execute(db);
    await sql`create index concurrency_turn on concurrency_queue (owner, type, key, held desc, position)`.execute(
      db,
    );
  },
};

const largeValues: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table large_values (
        hash bytea primary key,
        value bytea not null,
        created_at timestamptz not null default now()
      )`.execute(db);
  },
};

/**
 * Brings the schema up to date; safe to call from several processes at once (an advisory lock lets one do it).
 * @throws when the database cannot be reached or a migration fails.
 */
export async function migrate(db: Database): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: {
      getMigrations: () =>
        Promise.resolve({
          '0001-first': first,
          '0002-contract': contract,
          '0003-appending': appending,
          '0004-turns': turns,
          '0005-large-values': largeValues,
        }),
    },
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error instanceof Error ? error : new Error('the migration failed', { cause: error });
}
