import { z } from 'zod';
import { tidyLine } from './plain-text.js';
import { StorableText } from './storable-text.js';

/** A vocabulary word as an article shows it. What its source could not know is null, never invented. */
export const Word = z
  .object({
    word: z.string().meta({ description: 'The form as it stands in the text' }),
    lemma: z.string().nullable().meta({ description: 'Dictionary form' }),
    partOfSpeech: z.string().nullable().meta({ example: 'noun' }),
    gender: z.string().nullable().meta({ example: 'feminine' }),
    translation: z.string().nullable(),
    examples: z.array(z.string()).max(5),
  })
  .meta({ id: 'Word' });

export type Word = z.infer<typeof Word>;

/** The longest of each, in characters, that a person could want to learn from. */
export const longestOfWord = {
  word: 100,
  lemma: 100,
  partOfSpeech: 60,
  gender: 40,
  translation: 300,
  example: 600,
} as const;

/** In the form in which a model's words are kept: the same word, written by either, is one word. */
const atMost = (field: keyof typeof longestOfWord) =>
  StorableText.overwrite(tidyLine).max(longestOfWord[field]);

/** What is left empty is not known. */
const orNull = (field: keyof typeof longestOfWord) =>
  atMost(field)
    .nullable()
    .overwrite((text) => text || null);

/** A word as a person writes it, such that it can be saved. */
export const EditedWord = Word.extend({
  word: atMost('word').min(1),
  lemma: orNull('lemma'),
  partOfSpeech: orNull('partOfSpeech'),
  gender: orNull('gender'),
  translation: orNull('translation'),
  examples: z
    .array(atMost('example'))
    .max(5)
    .overwrite((examples) => [...new Set(examples)].filter(Boolean)),
}).meta({ id: 'EditedWord' });

/** Complains about every word that stands in the list twice: it could not be said which of the two is to be saved. */
export function checkDistinct({ value, issues }: z.core.ParsePayload<readonly Pick<Word, 'word'>[]>): void {
  const seen = new Set<string>();
  for (const [index, { word }] of value.entries()) {
    if (seen.has(word)) {
      issues.push({
        code: 'custom',
        path: [index, 'word'],
        message: `"${word}" is in the list twice`,
        input: word,
      });
    }
    seen.add(word);
  }
}
