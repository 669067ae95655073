import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const themes: Migration = {
  async up(db: Kysely<unknown>) {
    // Until now all words came from articles.
    await sql`alter table words add column theme text not null default 'el_pais'`.execute(db);
    await sql`alter table words alter column theme drop default`.execute(db);
    // What a model has made for a theme, or a person has typed, stands nowhere.
    await sql`alter table words alter column source_url drop not null`.execute(db);
    // Under another theme the same word is another entry.
    await sql`
      alter table words drop constraint words_owner_source_lang_target_lang_word_key,
        add constraint words_once unique (owner, source_lang, target_lang, theme, word)`.execute(db);
    await sql`create index words_of_theme on words (owner, theme, id desc)`.execute(db);

    // What another system's page sent and no job type takes: that system has a failed task for it.
    await sql`
      create table refused_tasks (
        id text primary key,
        owner text not null,
        type text not null,
        error text not null,
        created_at timestamptz not null default now()
      )`.execute(db);
  },
};
