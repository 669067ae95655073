import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const deadWorkers: Migration = {
  async up(db: Kysely<unknown>) {
    // Unlogged: a server that crashes forgets it, and heartbeats find what a dead worker had. Its commits wait for no disk.
    await sql`
      create unlogged table attempts_under_way (
        task_token bytea primary key,
        worker integer not null,
        job_id text not null,
        run_id text not null,
        activity text not null,
        attempt integer not null
      )`.execute(db);
    // Answers of models that nobody has read yet, by the row of their call in the ledger.
    await sql`
      create table kept_answers (
        call_id bigint primary key,
        job_id text not null,
        answer jsonb not null,
        reads integer not null default 0
      )`.execute(db);
    await sql`create index kept_answers_of_job on kept_answers (job_id)`.execute(db);
  },
};
