import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const appending: Migration = {
  async up(db: Kysely<unknown>) {
    // One round trip an append: the row of the log is locked first, so numbers become visible in their order,
    // without gaps. A key already there adds nothing. An attempt older than the newest one heard of is refused. A
    // reset is only kept when there is text of another attempt to drop. Repeated after a lost answer, it must not
    // drop its own.
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
