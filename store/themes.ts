import { sql } from 'kysely';
import type { Database } from './database.js';

/** The words of one theme and pair of languages. */
export interface ThemeSummary {
  theme: string;
  sourceLang: string;
  targetLang: string;
  words: number;
  /** When its first word was saved. */
  createdAt: string;
}

/** What an owner has in a theme. */
export interface KnownTheme {
  theme: string;
  /** Words and their lemmas, the newest first. */
  words: string[];
}

export interface KnownFilter {
  owner: string;
  sourceLang: string;
  targetLang: string;
  /** A theme that is none of those asked for. */
  except: string;
  mostThemes: number;
  mostWords: number;
}

/** A theme is the words that have it, and nothing more. */
export function createThemes(db: Database) {
  return {
    /** The newest first. */
    async list(owner: string): Promise<ThemeSummary[]> {
      const rows = await db
        .selectFrom('words')
        .where('owner', '=', owner)
        .groupBy(['theme', 'source_lang', 'target_lang'])
        .select((row) => [
          'theme',
          'source_lang',
          'target_lang',
          row.fn.countAll<string>().as('words'),
          row.fn.min('created_at').as('first'),
        ])
        .orderBy(sql`max(id)`, 'desc')
        .execute();
      return rows.map((row) => ({
        theme: row.theme,
        sourceLang: row.source_lang,
        targetLang: row.target_lang,
        words: Number(row.words),
        createdAt: row.first.toISOString(),
      }));
    },

    /** The themes that got words last, and the last words of each. */
    async known({ mostThemes, mostWords, ...of }: KnownFilter): Promise<KnownTheme[]> {
      const { rows } = await sql<{ theme: string; words: string[]; lemmas: string[] | null }>`
        select theme,
          (array_agg(word order by id desc))[1:${sql.lit(mostWords)}] as words,
          (array_agg(lemma order by id desc) filter (where lemma is not null))[1:${sql.lit(mostWords)}] as lemmas
        from words
        where owner = ${of.owner} and source_lang = ${of.sourceLang} and target_lang = ${of.targetLang}
          and theme <> ${of.except}
        group by theme order by max(id) desc limit ${mostThemes}`.execute(db);
      return rows.map(({ theme, words, lemmas }) => ({
        theme,
        words: [...new Set([...words, ...(lemmas ?? [])])],
      }));
    },
  };
}

export type Themes = ReturnType<typeof createThemes>;
