import { z } from 'zod';
import type { TaskType } from './task.js';

/** A job as that system would have begun it, before anybody has looked at it. */
export interface Wanted {
  task: TaskType;
  type: string;
  input: object;
}

const wordCount = (usual: number) => z.int().min(1).max(1000).default(usual);

export const ArticleRequest = z
  .object({
    url: z.string().meta({ example: 'http://127.0.0.1:3000/samples/el-faro.html' }),
    browser: z.string().default('firefox').meta({ description: 'Name of a configured cookie jar' }),
    source_lang: z.string().default('Spanish'),
    target_lang: z.string().default('French'),
    word_count: wordCount(30),
    prompt: z.string().nullish().meta({ description: 'Which words to prefer' }),
  })
  .meta({ id: 'VocabularyArticleRequest' });
export type ArticleRequest = z.infer<typeof ArticleRequest>;

export const ThemeRequest = z
  .object({
    theme_prompt: z.string().min(1).meta({ example: 'In the kitchen' }),
    source_lang: z.string().default('Dutch'),
    target_lang: z.string().default('English'),
    word_count: wordCount(20),
  })
  .meta({ id: 'VocabularyThemeRequest' });
export type ThemeRequest = z.infer<typeof ThemeRequest>;

export const WordsRequest = z
  .object({
    words: z
      .array(z.string())
      .min(1)
      .meta({ example: ['de lepel'] }),
    theme: z.string().meta({ example: 'In the kitchen' }),
    source_lang: z.string().default('Dutch'),
    target_lang: z.string().default('English'),
  })
  .meta({ id: 'VocabularyWordsRequest' });
export type WordsRequest = z.infer<typeof WordsRequest>;

interface Languages {
  source_lang: string;
  target_lang: string;
}

const languages = ({ source_lang, target_lang }: Languages) => ({
  sourceLang: source_lang,
  targetLang: target_lang,
});

export const articleWanted = ({ url, browser, word_count, prompt, ...rest }: ArticleRequest): Wanted => ({
  task: 'article_extract',
  type: 'extractArticle',
  input: {
    ...languages(rest),
    url,
    browser,
    wordCount: word_count,
    ...(prompt?.trim() ? { prompt } : {}),
  },
});

export const themeWanted = ({ theme_prompt, word_count, ...rest }: ThemeRequest): Wanted => ({
  task: 'theme_create',
  type: 'createTheme',
  input: { ...languages(rest), theme: theme_prompt, wordCount: word_count },
});

/** Its form sends what stands between two commas, be it nothing. */
export const wordsWanted = ({ words, theme, ...rest }: WordsRequest): Wanted => ({
  task: 'manual_entry',
  type: 'translateWords',
  input: { ...languages(rest), theme, words: words.filter((word) => word.trim() !== '') },
});
