import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const namesAndNumbers: Migration = {
  async up(db: Kysely<unknown>) {
    // A name stands for the latest job of a type, whoever started it, and not for what one system has started.
    await sql`update aliases set system = 'createStory' where system = 'mythline'`.execute(db);
    // Stories name the version that they were written from: its number is not given again.
    await sql`alter table research add column last_deleted integer not null default 0`.execute(db);
  },
};
