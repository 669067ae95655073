import { z } from 'zod';
import { defineJobType, type ResultOf } from './contract/job-type.js';
import { Language } from './fields/language.js';
import { ModelName } from './fields/model-names.js';
import { tidyLine } from './fields/plain-text.js';
import { StorableText } from './fields/storable-text.js';
import { Theme } from './fields/theme.js';
import { Word, longestOfWord } from './fields/word.js';

const Given = StorableText.overwrite(tidyLine)
  .min(1, 'is empty')
  .max(longestOfWord.word, `has more than ${longestOfWord.word} characters`);

const Input = z
  .strictObject({
    words: z
      .array(Given)
      .min(1, 'give at least one word')
      .max(500, 'give at most 500 words')
      .overwrite((words) => [...new Set(words)])
      .meta({ description: 'The words, in their own language; one that stands here twice counts once' }),
    theme: Theme,
    sourceLang: Language.meta({ description: 'Language of the words' }),
    targetLang: Language.meta({ description: 'Language of the translations' }),
    model: ModelName.optional(),
  })
  .meta({ id: 'TranslateWordsInput' });

const Result = z
  .object({
    theme: z.string(),
    newWords: z.int(),
    updatedWords: z.int(),
    words: z.array(Word),
    missing: z.array(z.string()).meta({ description: 'Words that the model did not translate' }),
    provider: z.string().meta({ description: 'provider/model that was asked' }),
  })
  .meta({ id: 'TranslateWordsResult' });

export const translateWords = defineJobType({
  name: 'translateWords',
  title: 'Translate words',
  description: 'Lets a model translate the given words, and saves them under a theme.',
  input: Input,
  result: Result,
  steps: [
    { name: 'translate', title: 'Translate the words' },
    { name: 'save', title: 'Save the words' },
  ],
  needsModel: true,
  subject: ({ theme, words }) => `${theme}: ${words.join(', ')}`.slice(0, 200).toWellFormed(),
  example: {
    words: ['el faro', 'la marea', 'el muelle', 'la brisa', 'remar'],
    theme: 'By the sea',
    sourceLang: 'Spanish',
    targetLang: 'French',
  },
});

export type TranslateWordsResult = ResultOf<typeof translateWords>;
