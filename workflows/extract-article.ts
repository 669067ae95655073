import type {
  ExtractArticleInput,
  ExtractArticleResult,
  ExtractArticleReview,
  extractArticle as type,
} from '../job-types/extract-article.js';
import type { ExtractedWords } from '../activities/vocabulary.js';
import type { FetchedArticle } from '../activities/article.js';
import type { SavedWords } from '../activities/words.js';
import type { StepOf } from '../job-types/contract/job-type.js';
import type { JobArgs } from './frame/messages.js';
import { policies } from './policies.js';
import { runJob } from './frame/run-job.js';

/** Seconds a person has for the review: over a long weekend. */
const reviewTime = 4 * 24 * 60 * 60;

export async function extractArticle(job: JobArgs<ExtractArticleInput>): Promise<ExtractArticleResult> {
  const { owner, input } = job;
  const { url, browser, sourceLang, targetLang, wordCount, prompt, model, review } = input;

  return runJob<ExtractArticleInput, StepOf<typeof type>, ExtractArticleResult>(job, async (frame) => {
    const { step, waitForInput } = frame;
    const article = await step(
      'fetch',
      {
        policy: policies.fetch,
        summary: `Fetch ${url}`,
        counts: ({ characters }: FetchedArticle) => `${characters} characters`,
      },
      ({ fetchArticle }) => fetchArticle({ url, browser, owner }),
    );
    const chosen = await step(
      'extract',
      {
        policy: policies.model,
        summary: `Choose ${wordCount} words from "${article.title ?? article.url}"`,
        counts: ({ words }: ExtractedWords) => `${words.length} words`,
      },
      ({ extractWords }) =>
        extractWords({ owner, textId: textOf(article), sourceLang, targetLang, wordCount, prompt, model }),
    );
    const { words } = review
      ? await waitForInput<ExtractArticleReview>('review', {
          data: { words: chosen.words },
          expiresIn: reviewTime,
        })
      : chosen;
    const saved = await step(
      'save',
      {
        policy: policies.save,
        summary: `Save ${words.length} words`,
        effect: true,
        counts: ({ newWords, updatedWords }: SavedWords) => `${newWords} new, ${updatedWords} there already`,
      },
      ({ saveWords }) => saveWords({ owner, sourceLang, targetLang, sourceUrl: article.url, words }),
    );
    return {
      newWords: saved.newWords,
      updatedWords: saved.updatedWords,
      words,
      sourceUrl: article.url,
      title: article.title,
      provider: chosen.provider,
    };
  });
}

/** A run that fetched its article before the field was renamed has the old name in its history. */
const textOf = ({ textId, documentId }: FetchedArticle & { documentId?: string }): string =>
  textId ?? documentId;
