import { tidyLine } from '../../job-types/fields/plain-text.js';
import { type Word, longestOfWord } from '../../job-types/fields/word.js';
import type { KnownTheme } from '../../store/themes.js';
import { Dropped } from './dropped.js';
import { folded } from './folded.js';
import { bare, createMaterial } from './material.js';
import { type SaidWord, plainWord } from './plain-word.js';

export interface AboutTheme {
  theme: string;
  wordCount: number;
  /** The themes that are there already. */
  known: readonly KnownTheme[];
}

export interface ThemeWords {
  /** What the words belong to: the theme as it was asked for, or as it is there already. */
  theme: string;
  relatedTheme: string | null;
  words: Word[];
  /** What was dropped, for the person. */
  notes: string[];
}

const compared = (text: string): string => folded(bare(text));

/** The words of an answer that are new to the theme they are for, without repeats and bounded. */
export function themeWords(
  { relatedTheme, words: all }: { relatedTheme: string | null; words: readonly SaidWord[] },
  { theme: asked, wordCount, known }: AboutTheme,
): ThemeWords {
  const dropped = new Dropped();
  const named = (name: string) => known.find(({ theme }) => folded(theme) === folded(name));
  const own = named(asked);
  const said = own || relatedTheme === null ? '' : tidyLine(relatedTheme);
  const related = said === '' ? undefined : named(said);
  if (said !== '' && !related) dropped.add('unknown', said);

  const held = new Set((own ?? related)?.words.map(compared));
  const words = new Map<string, Word>();
  for (const one of all) {
    const word = tidyLine(one.word);
    const key = compared(word);
    if (key === '' || words.has(key)) continue;
    if (createMaterial('').isSentence(word)) dropped.add('sentence', word);
    else if (word.length > longestOfWord.word || !/\p{L}/u.test(word)) dropped.add('wordless', word);
    else if (held.has(key) || held.has(compared(one.lemma ?? ''))) dropped.add('held', word);
    else words.set(key, plainWord(one, word));
    if (words.size === wordCount) break;
  }
  return {
    theme: (own ?? related)?.theme ?? asked,
    relatedTheme: related?.theme ?? null,
    words: [...words.values()],
    notes: dropped.notes(),
  };
}
