import { z } from 'zod';
import { StorableText } from '../../../job-types/fields/storable-text.js';
import type { ThemeSummary } from '../../../store/themes.js';
import type { SavedWord } from '../../../store/words.js';
import { pageLanguage, withoutZone } from './names.js';
import { time } from './task.js';

const theme = StorableText.optional().meta({ description: 'All themes when absent or empty' });

export const ThemeQuery = z.object({ theme });
export type ThemeQuery = z.infer<typeof ThemeQuery>;

export const EntriesQuery = z.object({
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(100).default(50),
  theme,
});
export type EntriesQuery = z.infer<typeof EntriesQuery>;

export const Entry = z
  .object({
    id: z.int(),
    word: z.string(),
    lemma: z.string(),
    pos: z.string().nullable(),
    gender: z.string().nullable(),
    translation: z.string().nullable(),
    source_lang: z.string().meta({ example: 'Spanish' }),
    target_lang: z.string().meta({ example: 'French' }),
    examples: z.array(z.string()),
    source: z.string().nullable().meta({ description: 'Address of the article' }),
    theme: z.string(),
    added_at: time,
  })
  .meta({ id: 'VocabularyEntry' });
export type Entry = z.infer<typeof Entry>;

export const EntryPage = z
  .object({
    items: z.array(Entry),
    total: z.int(),
    page: z.int(),
    page_size: z.int(),
    total_pages: z.int(),
  })
  .meta({ id: 'VocabularyPage' });
export type EntryPage = z.infer<typeof EntryPage>;

const counts = z.record(z.string(), z.int());

export const Stats = z
  .object({ total_words: z.int(), by_pos: counts, by_theme: counts })
  .meta({ id: 'VocabularyStats' });
export type Stats = z.infer<typeof Stats>;

export const ListedTheme = z
  .object({
    theme: z.string(),
    source_lang: z.string().meta({ example: 'Spanish' }),
    target_lang: z.string().meta({ example: 'French' }),
    created_at: time,
    word_count: z.int(),
  })
  .meta({ id: 'VocabularyTheme' });
export type ListedTheme = z.infer<typeof ListedTheme>;

export const ThemeWithWords = z
  .object({ theme: ListedTheme, words: z.array(Entry) })
  .meta({ id: 'VocabularyThemeWithWords' });
export type ThemeWithWords = z.infer<typeof ThemeWithWords>;

export const Deleted = z.object({ message: z.string() }).meta({ id: 'VocabularyMessage' });
export type Deleted = z.infer<typeof Deleted>;

export const SyncStatus = z
  .object({ connected: z.boolean(), message: z.string() })
  .meta({ id: 'VocabularySyncStatus' });
export type SyncStatus = z.infer<typeof SyncStatus>;

/** A word without a lemma shows its form. */
export const toEntry = (word: SavedWord): Entry => ({
  id: Number(word.id),
  word: word.word,
  lemma: word.lemma ?? word.word,
  pos: word.partOfSpeech,
  gender: word.gender,
  translation: word.translation,
  source_lang: pageLanguage(word.sourceLang),
  target_lang: pageLanguage(word.targetLang),
  examples: word.examples,
  source: word.sourceUrl,
  theme: word.theme,
  added_at: withoutZone(word.createdAt),
});

export const toListedTheme = (summary: ThemeSummary): ListedTheme => ({
  theme: summary.theme,
  source_lang: pageLanguage(summary.sourceLang),
  target_lang: pageLanguage(summary.targetLang),
  created_at: withoutZone(summary.createdAt),
  word_count: summary.words,
});
