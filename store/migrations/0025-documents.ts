import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const documents: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table documents (
        id bigint generated always as identity primary key,
        owner text not null,
        application_id text not null,
        kind text not null,
        created_at timestamptz not null default now(),
        unique (owner, application_id, kind)
      )`.execute(db);
    // For lists, newest first.
    await sql`create index documents_of_owner on documents (owner, id)`.execute(db);
    await sql`
      create table document_versions (
        document_id bigint not null references documents on delete cascade,
        version integer not null,
        title text not null,
        markdown text not null,
        provider text,
        notes text[] not null,
        job_id text,
        written_by text,
        created_at timestamptz not null default now(),
        primary key (document_id, version)
      )`.execute(db);
  },
};
