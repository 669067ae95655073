import { type Transaction, sql } from 'kysely';
import type { Word } from '../job-types/fields/word.js';
import { containing } from './containing.js';
import type { Database } from './database.js';
import { toJsonb } from './jsonb.js';
import type { Row, Schema } from './schema.js';

export interface NewWords {
  owner: string;
  jobId: string;
  sourceLang: string;
  targetLang: string;
  theme: string;
  /** Null where the words come from no text. */
  sourceUrl: string | null;
  words: readonly Word[];
}

export interface WordFilter {
  owner: string;
  sourceLang?: string | undefined;
  targetLang?: string | undefined;
  theme?: string | undefined;
  partOfSpeech?: string | undefined;
  /** Part of a word, lemma or translation, in any case. */
  search?: string | undefined;
}

export interface WordPage {
  /** Rows with a smaller id, for the next page. */
  before?: string | undefined;
  /** Rows passed over, for readers who know pages by their numbers. */
  offset?: number;
  limit: number;
}

export interface WordCounts {
  total: number;
  /** The most frequent first. */
  byPartOfSpeech: { partOfSpeech: string | null; words: number }[];
  byTheme: { theme: string; words: number }[];
}

export interface SavedWord extends Word {
  id: string;
  sourceLang: string;
  targetLang: string;
  theme: string;
  sourceUrl: string | null;
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
    insert into words (owner, source_lang, target_lang, theme, source_url, job_id,
                       word, lemma, part_of_speech, gender, translation, examples)
    select ${batch.owner}, ${batch.sourceLang}, ${batch.targetLang}, ${batch.theme}, ${batch.sourceUrl}, ${batch.jobId},
           word, lemma, "partOfSpeech", gender, translation, examples
    from jsonb_to_recordset(${toJsonb(words)}::jsonb) as given
      (word text, lemma text, "partOfSpeech" text, gender text, translation text, examples text[])
    on conflict (owner, source_lang, target_lang, theme, word) do update
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
  const fitting = ({ owner, sourceLang, targetLang, theme, partOfSpeech, search }: WordFilter) => {
    const pattern = containing(search);
    return db
      .selectFrom('words')
      .where('owner', '=', owner)
      .$if(sourceLang !== undefined, (query) => query.where('source_lang', '=', sourceLang ?? ''))
      .$if(targetLang !== undefined, (query) => query.where('target_lang', '=', targetLang ?? ''))
      .$if(theme !== undefined, (query) => query.where('theme', '=', theme ?? ''))
      .$if(partOfSpeech !== undefined, (query) => query.where('part_of_speech', '=', partOfSpeech ?? ''))
      .$if(pattern !== null, (query) =>
        query.where((where) =>
          where.or([
            where('word', 'ilike', pattern ?? ''),
            where('lemma', 'ilike', pattern ?? ''),
            where('translation', 'ilike', pattern ?? ''),
          ]),
        ),
      );
  };

  return {
    /** Newest first. */
    async list(filter: WordFilter, { before, offset = 0, limit }: WordPage): Promise<SavedWord[]> {
      const rows = await fitting(filter)
        .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
        .selectAll()
        .orderBy('id', 'desc')
        .limit(limit)
        .offset(offset)
        .execute();
      return rows.map(toSavedWord);
    },

    /** Of all that fit, by what they are and where they belong. */
    async count(filter: WordFilter): Promise<WordCounts> {
      const rows = await fitting(filter)
        .groupBy(sql`grouping sets ((), (part_of_speech), (theme))`)
        .select((row) => [
          'part_of_speech',
          'theme',
          sql<'all' | 'part' | 'theme'>`case grouping(part_of_speech, theme)
            when 3 then 'all' when 1 then 'part' else 'theme' end`.as('by'),
          row.fn.countAll<string>().as('words'),
        ])
        .orderBy('words', 'desc')
        .execute();
      const of = (what: (typeof rows)[number]['by']) => rows.filter(({ by }) => by === what);
      return {
        total: Number(of('all')[0]?.words ?? 0),
        byPartOfSpeech: of('part').map((row) => ({
          partOfSpeech: row.part_of_speech,
          words: Number(row.words),
        })),
        byTheme: of('theme').map(({ theme, words }) => ({ theme, words: Number(words) })),
      };
    },

    /** Null when there is none, or it is another owner's. */
    async read(id: string, owner: string): Promise<SavedWord | null> {
      if (!isRowId(id)) return null;
      const row = await fitting({ owner }).selectAll().where('id', '=', id).executeTakeFirst();
      return row ? toSavedWord(row) : null;
    },

    /** @returns what was deleted; null when there is no such word */
    async delete(id: string, owner: string): Promise<SavedWord | null> {
      if (!isRowId(id)) return null;
      const row = await db
        .deleteFrom('words')
        .where('owner', '=', owner)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst();
      return row ? toSavedWord(row) : null;
    },
  };
}

/** What the database takes for a number of a row. */
const isRowId = (id: string): boolean => /^[1-9][0-9]{0,17}$/.test(id);

const toSavedWord = (row: Row<'words'>): SavedWord => ({
  id: row.id,
  word: row.word,
  lemma: row.lemma,
  partOfSpeech: row.part_of_speech,
  gender: row.gender,
  translation: row.translation,
  examples: row.examples,
  sourceLang: row.source_lang,
  targetLang: row.target_lang,
  theme: row.theme,
  sourceUrl: row.source_url,
  jobId: row.job_id,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

export type Words = ReturnType<typeof createWords>;
