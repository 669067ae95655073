import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const first: Migration = {
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
