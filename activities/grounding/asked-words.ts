import { tidyLine } from '../../job-types/fields/plain-text.js';
import type { Word } from '../../job-types/fields/word.js';
import { Dropped, namesOf } from './dropped.js';
import { folded } from './folded.js';
import { bare } from './material.js';
import { type SaidWord, plainWord } from './plain-word.js';

export interface AskedWords {
  words: Word[];
  /** Those that have no translation in the answer. */
  missing: string[];
  /** What was dropped or is missing, for the person. */
  notes: string[];
}

/** A word as it is compared: models change its case, and put a full stop behind it. */
const compared = (word: string): string => folded(bare(word)) || folded(word);

/**
 * The words of an answer, as far as somebody has asked for them. Each is there once, in the form and the order in which
 * it was asked for.
 */
export function askedWords(all: readonly SaidWord[], asked: readonly string[]): AskedWords {
  const dropped = new Dropped();
  const found = new Map<string, Word>();
  const alike = new Map<string, string[]>();
  for (const word of asked) {
    const key = compared(word);
    alike.set(key, [...(alike.get(key) ?? []), word]);
  }
  for (const one of all) {
    const said = tidyLine(one.word);
    const those = alike.get(compared(said)) ?? [];
    if (those.length === 0) {
      if (said !== '') dropped.add('unasked', said);
      continue;
    }
    const word = those.toSorted((a, b) => Number(b === said) - Number(a === said)).find((w) => !found.has(w));
    if (word === undefined) continue;
    const whole = plainWord(one, word);
    if (whole.translation !== null) found.set(word, whole);
  }
  const missing = asked.filter((word) => !found.has(word));
  const words = asked.flatMap((word) => found.get(word) ?? []);
  const same = words.filter(({ word, translation }) => folded(translation ?? '') === folded(word));
  return {
    words,
    missing,
    notes: [
      ...dropped.notes(),
      ...(same.length > 0
        ? [`The translation is the word itself: ${namesOf(same.map(({ word }) => word))}.`]
        : []),
      ...(missing.length > 0 ? [`Not translated: ${namesOf(missing)}.`] : []),
    ],
  };
}
