import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const feeds: Migration = {
  async up(db: Kysely<unknown>) {
    // What a job is about, never how it stands.
    await sql`
      alter table event_logs
        add column owner text,
        add column type text,
        add column subject text,
        add column tags text[]`.execute(db);
    await sql`
      update event_logs
      set owner = ended.owner, type = ended.type,
          tags = array(select jsonb_array_elements_text(coalesce(ended.job #> '{memo,tags}', '[]')))
      from outcomes as ended where ended.job_id = event_logs.job_id`.execute(db);
    await sql`alter table cancellations add column requested_by text`.execute(db);

    await sql`create table owner_feeds (owner text primary key, last_seq bigint not null)`.execute(db);
    await sql`
      create table owner_events (
        owner text not null,
        seq bigint not null,
        job_id text not null,
        event_seq integer not null,
        primary key (owner, seq)
      )`.execute(db);

    // A list asks for the last step of each of its jobs, and a log is mostly text.
    await sql`
      create index events_steps on events (job_id, seq)
      where type in ('step.started', 'step.failed', 'step.succeeded', 'job.progress')`.execute(db);

    // One round trip an append and one transaction, as before. The row of the log is locked first and the feed's last.
    // If the feed's came first, two writers could wait for each other. What is known of the job is kept from whoever
    // knows it first. The states that were told before its owner was known reach the feed then.
    await sql`
      create function is_job_state(type text) returns boolean language sql immutable
      return type = 'end' or (starts_with(type, 'job.') and type <> 'job.progress')`.execute(db);
    await sql`drop function append_events(text, jsonb)`.execute(db);
    await sql`
      create function append_events(log_id text, entries jsonb) returns text language plpgsql as $$
      declare
        log event_logs;
        entry jsonb;
        about jsonb;
        newest integer;
        states integer[] := '{}';
        was_known boolean;
        last_fed bigint;
      begin
        insert into event_logs (job_id) values (log_id) on conflict do nothing;
        select * into log from event_logs where job_id = log_id for update;
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
          continue when log.sealed;
          newest := coalesce((log.attempts ->> (entry ->> 'scope'))::integer, 0);
          continue when entry ->> 'scope' is not null and (entry ->> 'attempt')::integer < newest;
          continue when exists (select from events where job_id = log_id and key = entry ->> 'key');
          continue when entry ? 'unless' and exists (
            select from events where job_id = log_id
              and key in (select jsonb_array_elements_text(entry -> 'unless')));
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
          if is_job_state(entry ->> 'type') then
            states := states || log.last_seq;
          end if;
        end loop;
        update event_logs
        set last_seq = log.last_seq, attempts = log.attempts, sealed = log.sealed,
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
  },
};
