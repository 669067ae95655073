import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Conversations about workbooks: what was said, the files, the jobs that propose and run plans, and whose turn it is. */
export const workbookChats: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table workbook_chats (
        owner text not null,
        id text not null,
        participant text not null,
        request text,
        pending_job text,
        decided_job text,
        decided_plan text,
        -- Nobody was asked: the job was started with the plan that was decided on.
        decided_at_start boolean not null default false,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        primary key (owner, id)
      )`.execute(db);
    await sql`
      create table workbook_messages (
        number bigint generated always as identity primary key,
        owner text not null,
        chat text not null,
        kind text not null,
        content text not null,
        data jsonb not null default '{}',
        created_at timestamptz not null default now(),
        foreign key (owner, chat) references workbook_chats on delete cascade
      )`.execute(db);
    await sql`create index workbook_messages_of_chat on workbook_messages (owner, chat, number)`.execute(db);
    await sql`
      create table workbook_files (
        number bigint generated always as identity primary key,
        owner text not null,
        chat text not null,
        name text not null,
        file_id text not null references files on delete cascade,
        created_at timestamptz not null default now(),
        unique (owner, chat, name),
        foreign key (owner, chat) references workbook_chats on delete cascade
      )`.execute(db);
    await sql`create index workbook_files_by_file on workbook_files (file_id)`.execute(db);
    await sql`
      create table workbook_jobs (
        job_id text primary key,
        number bigint generated always as identity,
        owner text not null,
        chat text not null,
        plan jsonb,
        created_at timestamptz not null default now(),
        confirmed_at timestamptz,
        declined_at timestamptz,
        foreign key (owner, chat) references workbook_chats on delete cascade
      )`.execute(db);
    await sql`create index workbook_jobs_of_chat on workbook_jobs (owner, chat, number)`.execute(db);
    await sql`
      create table places (
        job_id text primary key,
        owner text not null,
        kind text not null,
        lane text,
        position bigint generated always as identity,
        held boolean not null default false
      )`.execute(db);
    await sql`create index places_of_owner on places (owner, kind, position)`.execute(db);
  },
};
