import { tidyLine } from '../../job-types/fields/plain-text.js';
import { type Word, longestOfWord } from '../../job-types/fields/word.js';

/** Most that is kept of a word. */
export const mostExamples = 5;

/** A text on one line and without hidden characters; null where nothing is left, or too much. */
export function bounded(text: string | null, field: keyof typeof longestOfWord): string | null {
  const value = tidyLine(text ?? '');
  return value === '' || value.length > longestOfWord[field] ? null : value;
}

/** A word as a model gives it. */
export interface SaidWord {
  word: string;
  lemma: string | null;
  partOfSpeech: string | null;
  gender: string | null;
  translation: string;
  examples: string[];
}

/** A word of which nothing has to stand anywhere: whole and bounded, with examples of the model's own. */
export const plainWord = (said: SaidWord, word: string): Word => ({
  word,
  lemma: bounded(said.lemma, 'lemma'),
  partOfSpeech: bounded(said.partOfSpeech, 'partOfSpeech'),
  gender: bounded(said.gender, 'gender'),
  translation: bounded(said.translation, 'translation'),
  examples: [...new Set(said.examples.slice(0, mostExamples).map((one) => bounded(one, 'example')))].filter(
    (example) => example !== null,
  ),
});
