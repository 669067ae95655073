import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const aliases: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table aliases (
        owner text not null,
        system text not null,
        name text not null,
        job_id text not null,
        pointed_at timestamptz not null default now(),
        primary key (owner, system, name)
      )`.execute(db);
  },
};
