import { z } from 'zod';
import { type AnswersOf, type InputOf, type ResultOf, defineJobType } from './contract/job-type.js';
import { Language } from './fields/language.js';
import { ModelName } from './fields/model-names.js';
import { EditedWord, Word, checkDistinct } from './fields/word.js';
import { WebAddress } from './fields/web-address.js';

const Input = z
  .strictObject({
    url: WebAddress.meta({ description: 'The article, http or https' }),
    sourceLang: Language.meta({ description: 'Language of the article' }),
    targetLang: Language.meta({ description: 'Language of the translations' }),
    wordCount: z.int().min(1).max(1000).default(30).meta({ description: 'How many words to pick' }),
    prompt: z.string().trim().min(1).max(2000).optional().meta({ description: 'Which words to prefer' }),
    browser: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,40}$/, 'letters, digits, "-" and "_", at most 40')
      .optional()
      .meta({ description: 'Name of a cookie jar the operator configured, for pages behind a sign-in' }),
    review: z
      .boolean()
      .default(false)
      .meta({ description: 'Wait for a person who keeps, edits or drops words before they are saved' }),
    model: ModelName.optional(),
  })
  .meta({ id: 'ExtractArticleInput' });

const Review = z
  .strictObject({
    words: z
      .array(EditedWord)
      .max(1000)
      .check(checkDistinct)
      .meta({ description: 'The words to save, as they are to be saved; each once' }),
  })
  .meta({ id: 'ExtractArticleReview' });

const Result = z
  .object({
    newWords: z.int(),
    updatedWords: z.int(),
    words: z.array(Word),
    sourceUrl: z.string().meta({ description: 'Where the article was found, after redirects' }),
    title: z.string().nullable(),
    provider: z.string().meta({ description: 'What chose the words: "rules", or provider/model' }),
  })
  .meta({ id: 'ExtractArticleResult' });

export const extractArticle = defineJobType({
  name: 'extractArticle',
  title: 'Extract vocabulary from an article',
  description: 'Fetches an article, lets a model choose and translate useful words, and saves them.',
  input: Input,
  result: Result,
  steps: [
    { name: 'fetch', title: 'Fetch the article' },
    { name: 'extract', title: 'Choose and translate words' },
    { name: 'save', title: 'Save the words' },
  ],
  answers: { review: Review },
  subject: (input) => input.url,
  example: {
    url: 'http://127.0.0.1:3000/samples/el-faro.html',
    sourceLang: 'Spanish',
    targetLang: 'French',
    wordCount: 30,
  },
});

export type ExtractArticleInput = InputOf<typeof extractArticle>;
export type ExtractArticleResult = ResultOf<typeof extractArticle>;
export type ExtractArticleReview = AnswersOf<typeof extractArticle>['review'];
