import { type ColumnType, type Generated, type Transaction, sql } from 'kysely';
import type { Word } from '../job-types/word.js';
import type { Database, Schema } from './database.js';

export interface WordsTable {
  id: Generated<string>;
  owner: string;
  source_lang: string;
  target_lang: string;
  word: string;
  lemma: string | null;
  part_of_speech: string | null;
  gender: string | null;
  translation: string | null;
  examples: string[];
  source_url: string;
  job_id: string;
  created_at: ColumnType<Date, never, never>;
  updated_at: ColumnType<Date, never, Date>;
}

export interface NewWords {
  owner: string;
  jobId: string;
  sourceLang: string;
  targetLang: string;
  sourceUrl: string;
  words: readonly Word[];
}

export interface WordFilter {
  owner: string;
  sourceLang?: string;
  targetLang?: string;
  /** Part of a word, lemma or translation, in any case. */
  search?: string;
  /** Rows with a smaller id, for the next page. */
  before?: string;
  limit: number;
}

export interface SavedWord extends Word {
  id: string;
  sourceLang: string;
  targetLang: string;
  sourceUrl: string;
  jobId: string;
  createdAt: string;
  updatedAt: string;
}

/**
 * Adds words, or completes those already there: examples are added up to 5, empty fields filled, nothing overwritten.
 * Words must differ from each other. Sorted, so that two jobs saving the same words cannot lock each other out.
 */
export async function upsertWords(
  trx: Transaction<Schema>,
  batch: NewWords,
): Promise<{ newWords: number; updatedWords: number }> {
  if (batch.words.length === 0) return { newWords: 0, updatedWords: 0 };
  const rows = batch.words.toSorted((a, b) => (a.word < b.word ? -1 : 1));
  const saved = await trx
    .insertInto('words')
    .values(
      rows.map((word) => ({
        owner: batch.owner,
        source_lang: batch.sourceLang,
        target_lang: batch.targetLang,
        word: word.word,
        lemma: word.lemma,
        part_of_speech: word.partOfSpeech,
        gender: word.gender,
        translation: word.translation,
        examples: word.examples,
        source_url: batch.sourceUrl,
        job_id: batch.jobId,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['owner', 'source_lang', 'target_lang', 'word']).doUpdateSet({
        lemma: sql`coalesce(words.lemma, excluded.lemma)`,
        part_of_speech: sql`coalesce(words.part_of_speech, excluded.part_of_speech)`,
        gender: sql`coalesce(words.gender, excluded.gender)`,
        translation: sql`coalesce(words.translation, excluded.translation)`,
        examples: sql`(words.examples || array(
          select example from unnest(excluded.examples) as example where example <> all (words.examples)))[1:5]`,
        updated_at: sql<Date>`now()`,
      }),
    )
    // A row that this statement inserted has never been locked or updated.
    .returning(sql<boolean>`xmax = 0`.as('inserted'))
    .execute();
  const newWords = saved.filter((row) => row.inserted).length;
  return { newWords, updatedWords: saved.length - newWords };
}

export function createWords(db: Database) {
  return {
    /** Newest first. */
    async list(filter: WordFilter): Promise<SavedWord[]> {
      let query = db
        .selectFrom('words')
        .selectAll()
        .where('owner', '=', filter.owner)
        .orderBy('id', 'desc')
        .limit(filter.limit);
      if (filter.sourceLang) query = query.where('source_lang', '=', filter.sourceLang);
      if (filter.targetLang) query = query.where('target_lang', '=', filter.targetLang);
      if (filter.before) query = query.where('id', '<', filter.before);
      if (filter.search) {
        const pattern = `%${filter.search.replace(/[\\%_]/g, '\\$&')}%`;
        query = query.where((where) =>
          where.or([
            where('word', 'ilike', pattern),
            where('lemma', 'ilike', pattern),
            where('translation', 'ilike', pattern),
          ]),
        );
      }
      const rows = await query.execute();
      return rows.map((row) => ({
        id: row.id,
        word: row.word,
        lemma: row.lemma,
        partOfSpeech: row.part_of_speech,
        gender: row.gender,
        translation: row.translation,
        examples: row.examples,
        sourceLang: row.source_lang,
        targetLang: row.target_lang,
        sourceUrl: row.source_url,
        jobId: row.job_id,
        createdAt: row.created_at.toISOString(),
        updatedAt: row.updated_at.toISOString(),
      }));
    },
  };
}

export type Words = ReturnType<typeof createWords>;
