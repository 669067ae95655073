import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What a step is done for, when it is done for several. */
export const items: Migration = {
  async up(db: Kysely<unknown>) {
    // Part of the key, so that it is never null.
    await sql`
      alter table receipts
        add column item text not null default '',
        drop constraint receipts_pkey,
        add primary key (root_job_id, step, item)`.execute(db);
    await sql`
      alter table texts
        add column item text not null default '',
        drop constraint texts_root_job_id_step_key,
        add unique (root_job_id, step, item)`.execute(db);
    await sql`alter table events add column item text`.execute(db);
    // A list of items is in the order in which they were begun.
    await sql`
      create index events_items on events (job_id, step, item, seq)
      where item is not null and type in ('step.started', 'step.failed', 'step.succeeded')`.execute(db);
    await appendEvents(db);
  },
};

/** As before, and with the item. A reset of the output drops the text of its own item alone: others of the step may be speaking. */
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
        -- An item that has succeeded is not remembered below, and nothing more is told of it.
        continue when entry ->> 'item' is not null and exists (
          select from events
          where job_id = log_id and step = entry ->> 'step' and item = entry ->> 'item' and type = 'step.succeeded'
            and starts_with(key, concat(entry ->> 'scope', '/')));
        continue when not log.sealed
          and exists (select from events where job_id = log_id and key = entry ->> 'key');
        continue when entry ? 'unless' and exists (
          select from events where job_id = log_id
            and key in (select jsonb_array_elements_text(entry -> 'unless')));
        continue when entry ->> 'type' = 'output.reset' and not exists (
          select from events where job_id = log_id and type = 'output.delta' and step = entry ->> 'step'
            and item is not distinct from entry ->> 'item'
            and not starts_with(key, concat_ws('/', entry ->> 'scope', entry ->> 'attempt', '')));
        if log.sealed then
          delete from events where job_id = log_id and key = 'end' returning seq into number;
        else
          log.last_seq := log.last_seq + 1;
          number := log.last_seq;
        end if;
        log.run_id := coalesce(entry_run, log.run_id);
        insert into events (job_id, seq, key, type, time, step, item, attempt, data)
        values (log_id, number, entry ->> 'key', entry ->> 'type', (entry ->> 'time')::timestamptz,
                entry ->> 'step', entry ->> 'item', (entry ->> 'attempt')::integer, coalesce(entry -> 'data', '{}'));
        if entry ->> 'scope' is not null then
          log.attempts := log.attempts || jsonb_build_object(entry ->> 'scope', (entry ->> 'attempt')::integer);
        end if;
        -- The row stays small with a thousand items.
        if entry ->> 'item' is not null and entry ->> 'scope' is not null and entry ->> 'type' = 'step.succeeded' then
          log.attempts := log.attempts - (entry ->> 'scope');
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
