import { z } from 'zod';
import { defineJobType, type ResultOf } from './contract/job-type.js';
import { Language } from './fields/language.js';
import { ModelName } from './fields/model-names.js';
import { Theme } from './fields/theme.js';
import { Word } from './fields/word.js';

const Input = z
  .strictObject({
    theme: Theme,
    sourceLang: Language.meta({ description: 'Language of the words' }),
    targetLang: Language.meta({ description: 'Language of the translations' }),
    wordCount: z.int().min(1).max(1000).default(20).meta({ description: 'How many words to make' }),
    model: ModelName.optional(),
  })
  .meta({ id: 'CreateThemeInput' });

const Result = z
  .object({
    theme: z.string().meta({ description: 'What the words are saved under' }),
    relatedTheme: z.string().nullable().meta({
      description: 'The theme that was there already and took the words, since it is about the same',
    }),
    newWords: z.int(),
    updatedWords: z.int(),
    words: z.array(Word),
    provider: z.string().meta({ description: 'provider/model that was asked' }),
  })
  .meta({ id: 'CreateThemeResult' });

export const createTheme = defineJobType({
  name: 'createTheme',
  title: 'Make words for a theme',
  description: 'Lets a model name and translate words for a theme that related themes do not hold.',
  input: Input,
  result: Result,
  steps: [
    { name: 'recall', title: 'Look up the themes there are' },
    { name: 'generate', title: 'Name and translate words' },
    { name: 'save', title: 'Save the words' },
  ],
  needsModel: true,
  subject: ({ theme }) => theme,
  example: { theme: 'In the kitchen', sourceLang: 'Dutch', targetLang: 'English', wordCount: 12 },
});

export type CreateThemeResult = ResultOf<typeof createTheme>;
