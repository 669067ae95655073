import { type Transaction, sql } from 'kysely';
import type { Word } from '../job-types/fields/word.js';
import type { Database } from './database.js';
import { toJsonb } from './jsonb.js';
import type { Schema } from './schema.js';

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

/** The examples of both, the older ones first. */
const examples = sql`(words.examples || array(
  select example from unnest(excluded.examples) as example where example <> all (words.examples)))[1:5]`;

/** What a word that is already there becomes. */
const completed = sql`coalesce(words.lemma, excluded.lemma), coalesce(words.part_of_speech, excluded.part_of_speech),
  coalesce(words.gender, excluded.gender), coalesce(words.translation, excluded.translation), ${examples}`;

/**
 * Adds words, or completes those already there. Examples are added up to 5, empty fields are filled, and nothing is
 * overwritten. A row to which nothing is new is not written. Words must differ from each other. Sorted, so that two
 * jobs saving the same words cannot lock each other out. One parameter carries all of them: a statement with one a
 * field costs more to write and to plan than to carry out.
 */
export async function upsertWords(
  trx: Transaction<Schema>,
  batch: NewWords,
): Promise<{ newWords: number; updatedWords: number }> {
  if (batch.words.length === 0) return { newWords: 0, updatedWords: 0 };
  const words = batch.words.toSorted((a, b) => (a.word < b.word ? -1 : 1));
  const { rows } = await sql<{ inserted: boolean }>`
    insert into words (owner, source_lang, target_lang, source_url, job_id,
                       word, lemma, part_of_speech, gender, translation, examples)
    select ${batch.owner}, ${batch.sourceLang}, ${batch.targetLang}, ${batch.sourceUrl}, ${batch.jobId},
           word, lemma, "partOfSpeech", gender, translation, examples
    from jsonb_to_recordset(${toJsonb(words)}::jsonb) as given
      (word text, lemma text, "partOfSpeech" text, gender text, translation text, examples text[])
    on conflict (owner, source_lang, target_lang, word) do update
    set (lemma, part_of_speech, gender, translation, examples) = row (${completed}), updated_at = now()
    where (words.lemma, words.part_of_speech, words.gender, words.translation, words.examples)
      is distinct from (${completed})
    -- A row that this statement inserted has never been locked or updated.
    returning xmax = 0 as inserted`.execute(trx);
  const newWords = rows.filter(({ inserted }) => inserted).length;
  return { newWords, updatedWords: words.length - newWords };
}

/** Removes what a job or one of its retries has added for this pair of languages, and nothing has completed since. */
export async function takeBackWords(
  trx: Transaction<Schema>,
  of: Pick<NewWords, 'owner' | 'sourceLang' | 'targetLang'> & { rootJobId: string },
): Promise<void> {
  await trx
    .deleteFrom('words')
    .where('owner', '=', of.owner)
    .where('source_lang', '=', of.sourceLang)
    .where('target_lang', '=', of.targetLang)
    .where(sql<boolean>`(job_id = ${of.rootJobId} or starts_with(job_id, ${`${of.rootJobId}.r`}))`)
    .whereRef('updated_at', '=', 'created_at')
    .execute();
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
