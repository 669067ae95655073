import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const ends: Migration = {
  async up(db: Kysely<unknown>) {
    // What the calls of a job had cost when it ended. Null: recorded before it was kept, or without a call.
    await sql`alter table outcomes add column usage jsonb`.execute(db);
    // The run that gave a step up whose effect an earlier run has had: that effect stays, and this run has none.
    await sql`alter table receipts add column ruled_out text`.execute(db);
    // The newest run that the log has heard of.
    await sql`alter table event_logs add column run_id text`.execute(db);
    await appendEvents(db);
    await mayCommit(db);
    await places(db);
  },
};

/**
 * As before, and by run. An operator's reset gives a job another run. Its first event reopens a log that has ended, and
 * takes the place of the end. Numbers have no gap by that, and a log has one end. A run that another has followed tells
 * nothing more, and neither do the steps of a run whose end is recorded.
 */
async function appendEvents(db: Kysely<unknown>): Promise<void> {
  await sql`
    create or replace function append_events(log_id text, entries jsonb) returns text language plpgsql as $$
    declare
      log event_logs;
      entry jsonb;
      about jsonb;
      newest integer;
      states integer[] := '{}';
      was_known boolean;
      last_fed bigint;
      entry_run text;
      ended_run text;
      number integer;
    begin
      insert into event_logs (job_id) values (log_id) on conflict do nothing;
      select * into log from event_logs where job_id = log_id for update;
      select run_id into ended_run from outcomes where job_id = log_id;
      log.run_id := coalesce(log.run_id, ended_run);
      was_known := log.owner is not null;
      for entry in select * from jsonb_array_elements(entries) loop
        about := entry -> 'about';
        if about is not null then
          log.owner := coalesce(log.owner, about ->> 'owner');
          log.type := coalesce(log.type, about ->> 'type');
          log.subject := coalesce(log.subject, about ->> 'subject');
          if log.tags is null and about ? 'tags' then
            log.tags := array(select jsonb_array_elements_text(about -> 'tags'));
          end if;
        end if;
        entry_run := coalesce(entry ->> 'run', substring(entry ->> 'scope' from '^([^/]+)/'));
        if entry_run is null and is_job_state(entry ->> 'type') then
          entry_run := substring(entry ->> 'key' from '^([^/]+)/');
        end if;
        continue when entry ->> 'scope' is not null and entry_run = ended_run;
        if entry_run is null or entry_run = log.run_id then
          continue when log.sealed;
        else
          continue when log.run_id is not null and exists (
            select from events where job_id = log_id and starts_with(key, concat(entry_run, '/')));
        end if;
        newest := coalesce((log.attempts ->> (entry ->> 'scope'))::integer, 0);
        continue when entry ->> 'scope' is not null and (entry ->> 'attempt')::integer < newest;
        continue when not log.sealed
          and exists (select from events where job_id = log_id and key = entry ->> 'key');
        continue when entry ? 'unless' and exists (
          select from events where job_id = log_id
            and key in (select jsonb_array_elements_text(entry -> 'unless')));
        continue when entry ->> 'type' = 'output.reset' and not exists (
          select from events where job_id = log_id and type = 'output.delta' and step = entry ->> 'step'
            and not starts_with(key, concat_ws('/', entry ->> 'scope', entry ->> 'attempt', '')));
        if log.sealed then
          delete from events where job_id = log_id and key = 'end' returning seq into number;
        else
          log.last_seq := log.last_seq + 1;
          number := log.last_seq;
        end if;
        log.run_id := coalesce(entry_run, log.run_id);
        insert into events (job_id, seq, key, type, time, step, attempt, data)
        values (log_id, number, entry ->> 'key', entry ->> 'type', (entry ->> 'time')::timestamptz,
                entry ->> 'step', (entry ->> 'attempt')::integer, coalesce(entry -> 'data', '{}'));
        if entry ->> 'scope' is not null then
          log.attempts := log.attempts || jsonb_build_object(entry ->> 'scope', (entry ->> 'attempt')::integer);
        end if;
        log.sealed := entry ->> 'type' = 'end';
        if is_job_state(entry ->> 'type') then
          states := states || number;
        end if;
      end loop;
      update event_logs
      set last_seq = log.last_seq, attempts = log.attempts, sealed = log.sealed, run_id = log.run_id,
          owner = log.owner, type = log.type, subject = log.subject, tags = log.tags
      where job_id = log_id;
      if log.owner is not null and not was_known then
        states := array(select seq from events where job_id = log_id and is_job_state(type) order by seq);
      end if;
      if log.owner is null or cardinality(states) = 0 then
        return null;
      end if;
      insert into owner_feeds as feed (owner, last_seq) values (log.owner, cardinality(states))
      on conflict (owner) do update set last_seq = feed.last_seq + excluded.last_seq
      returning last_seq into last_fed;
      insert into owner_events (owner, seq, job_id, event_seq)
      select log.owner, last_fed - cardinality(states) + state.place, log_id, state.seq
      from unnest(states) with ordinality as state (seq, place);
      return log.owner;
    end $$`.execute(db);
}

/** Whether what a run has written may still count: it has not ended, as far as is recorded, and is not to be by force. */
async function mayCommit(db: Kysely<unknown>): Promise<void> {
  // Who records the end of a run holds this lock alone, until the commit. Whoever asks here keeps it up to its own.
  await sql`
    create function may_commit(of_job text, of_run text) returns boolean language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared('outcomes'::regclass::integer, hashtext(of_run));
      return not exists (select from outcomes where job_id = of_job and run_id = of_run)
        and not exists (
          select from cancellations
          where job_id = of_job and run_id = of_run and (mode = 'force' or escalated))
        -- An operator has reset the job: the log has heard of this run, and of another one after it.
        and not exists (
          select from event_logs as log
          where log.job_id = of_job and log.run_id <> of_run and exists (
            select from events where job_id = of_job and starts_with(key, concat(of_run, '/'))));
    end $$`.execute(db);
}

/** The place under a concurrency key, and the job that an Idempotency-Key means, as one decision. */
async function places(db: Kysely<unknown>): Promise<void> {
  // Of the request that took the place, when it came with an Idempotency-Key.
  await sql`alter table concurrency_queue add column fingerprint text`.execute(db);
  // Which job answers a request with an Idempotency-Key that found its concurrency key taken, from then on.
  await sql`
    create table answered_keys (
      job_id text primary key,
      fingerprint text not null,
      answer text not null,
      created_at timestamptz not null default now()
    )`.execute(db);
}
