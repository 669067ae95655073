import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const modelCalls: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table model_calls (
        id bigint generated always as identity primary key,
        job_id text not null,
        root_job_id text not null,
        owner text not null,
        job_type text not null,
        run_id text not null,
        step text not null,
        item text,
        activity text not null,
        attempt integer not null,
        model text not null,
        prompt text not null,
        provider_id text,
        started_at timestamptz not null,
        first_token_ms integer,
        settled_at timestamptz,
        input_tokens integer not null,
        cached_input_tokens integer,
        output_tokens integer not null default 0,
        reasoning_tokens integer,
        cost_usd numeric(20, 12),
        output_mtok_usd numeric(20, 12),
        saved_usd numeric(20, 12),
        outcome text,
        failure_code text,
        estimated boolean not null default true
      )`.execute(db);
    await sql`create index model_calls_of_job on model_calls (job_id, id)`.execute(db);
    await sql`create index model_calls_of_owner on model_calls (owner, started_at)`.execute(db);
    // What a retry saves is looked up by the job it goes back to.
    await sql`create index model_calls_used on model_calls (root_job_id, step) where outcome = 'answered'`.execute(
      db,
    );
  },
};
