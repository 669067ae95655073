import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const turns: Migration = {
  async up(db: Kysely<unknown>) {
    // The holder of a key is the job that has taken hold of it, otherwise the one with the lowest position.
    await sql`alter table concurrency_queue add column held boolean not null default false`.execute(db);
    await sql`create unique index concurrency_holder on concurrency_queue (owner, type, key) where held`.execute(
      db,
    );
    await sql`drop index concurrency_turn`.execute(db);
    await sql`create index concurrency_turn on concurrency_queue (owner, type, key, held desc, position)`.execute(
      db,
    );
  },
};
