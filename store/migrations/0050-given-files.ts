import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What no job was given is counted at each upload. So a file knows whether one was, and the others are no part of the index. */
export const givenFiles: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table files add column given boolean not null default false`.execute(db);
    await sql`
      update files as f set given = true
      where made_by is null and touched_at > now() - interval '25 hours'
        and exists (select from file_jobs where file_id = f.id)`.execute(db);
    // Whoever gives a file to a job, and also a version from before this.
    await sql`
      create function file_is_given() returns trigger language plpgsql as $$
      begin
        update files set given = true where id = new.file_id and made_by is null and not given;
        return null;
      end $$`.execute(db);
    await sql`
      create trigger file_is_given after insert on file_jobs
      for each row execute function file_is_given()`.execute(db);
    await sql`drop index files_uploaded_by`.execute(db);
    await sql`
      create index files_not_given on files (owner, touched_at) include (size)
      where made_by is null and not given`.execute(db);
  },
};
