import type {
  ExtractArticleInput,
  ExtractArticleResult,
  extractArticle as type,
} from '../job-types/extract-article.js';
import type { StepOf } from '../job-types/job-type.js';
import type { JobArgs } from './messages.js';
import { policies } from './policies.js';
import { runJob } from './run-job.js';

export async function extractArticle(job: JobArgs<ExtractArticleInput>): Promise<ExtractArticleResult> {
  const { owner, input } = job;
  const { url, browser, sourceLang, targetLang, wordCount, prompt, model } = input;

  return runJob<ExtractArticleInput, StepOf<typeof type>, ExtractArticleResult>(job, async ({ step }) => {
    const article = await step(
      'fetch',
      { policy: policies.fetch, summary: `Fetch ${url}` },
      ({ fetchArticle }) => fetchArticle({ url, browser, owner }),
    );
    const chosen = await step(
      'extract',
      { policy: policies.model, summary: `Choose ${wordCount} words from "${article.title ?? article.url}"` },
      ({ extractWords }) =>
        extractWords({ documentId: article.documentId, sourceLang, targetLang, wordCount, prompt, model }),
    );
    const saved = await step(
      'save',
      { policy: policies.save, summary: `Save ${chosen.words.length} words`, effect: true },
      ({ saveWords }) =>
        saveWords({ owner, sourceLang, targetLang, sourceUrl: article.url, words: chosen.words }),
    );
    return {
      newWords: saved.newWords,
      updatedWords: saved.updatedWords,
      words: chosen.words,
      sourceUrl: article.url,
      title: article.title,
      provider: chosen.provider,
    };
  });
}
