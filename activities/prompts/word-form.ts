import { z } from 'zod';
import { longestOfWord } from '../../job-types/fields/word.js';

/** What some fields of a word hold, in the words of a prompt. The others are the same everywhere. */
export interface WordSaid {
  word: string;
  translation: string;
  examples: string;
}

/** How texts and lists of an answer are limited. */
interface Limits {
  text(field: keyof typeof longestOfWord): z.ZodString;
  examples(text: z.ZodString): z.ZodArray<z.ZodString>;
}

const wordOf = (said: WordSaid, { text, examples }: Limits) =>
  z.object({
    word: text('word').describe(said.word),
    lemma: text('lemma').nullable().describe('Its dictionary form'),
    partOfSpeech: text('partOfSpeech')
      .nullable()
      .describe('In English: noun, verb, adjective, adverb, phrase, ...'),
    gender: text('gender')
      .nullable()
      .describe('Grammatical gender in English, null where the language has none'),
    translation: text('translation').describe(said.translation),
    examples: examples(text('example')).describe(said.examples),
  });

/** The form of a word as it is read. Without limits: one that is too long makes no answer useless. */
export const looseWord = (said: WordSaid) =>
  wordOf(said, { text: () => z.string(), examples: (text) => z.array(text) });

/** The same as a model is told it. Not every server can hold a model to that. */
export const limitedWord = (said: WordSaid) =>
  wordOf(said, {
    text: (field) => z.string().max(longestOfWord[field]),
    examples: (text) => z.array(text).max(2),
  });

/** The names of the fields, for servers that pass over the schema. */
export const fieldsInWords =
  'The fields of each are "word", "lemma", "partOfSpeech", "gender", "translation" and "examples" (a list of texts).';

/** Where an answer with so many words is cut. */
export const boundsOf = (wordCount: number) => ({
  /** In characters. A word with everything takes about 400, and scripts and indentation differ. */
  longestAnswer: 8_000 + wordCount * 2_000,
  /** The same in tokens, with what a model may think before it speaks. */
  mostTokens: 8_000 + wordCount * 300,
  /** In characters. Entries differ in all that matters. */
  longestLoop: 2_000,
});
