import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const wordSearch: Migration = {
  async up(db: Kysely<unknown>) {
    // For parts of words. It may be missing, or not the role's to create. A search then reads all words of its owner.
    await sql`
      do $$
      begin
        create extension if not exists pg_trgm;
        create index words_search on words using gin
          (word gin_trgm_ops, lemma gin_trgm_ops, translation gin_trgm_ops);
      exception when insufficient_privilege or feature_not_supported or undefined_file or undefined_object then
        raise warning 'words are searched without an index: %', sqlerrm;
      end $$`.execute(db);
  },
};
