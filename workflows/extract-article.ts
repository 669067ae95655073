import type { FetchedArticle } from '../activities/article.js';
import type { InputOf } from '../job-types/contract/job-type.js';
import { days } from './frame/durations.js';
import type { JobArgs } from './frame/messages.js';
import { runJob } from './frame/run-job.js';
import { policies } from './policies.js';

type Type = typeof import('../job-types/extract-article.js').extractArticle;

export const extractArticle = (job: JobArgs<InputOf<Type>>) =>
  runJob<Type>(job, async ({ url, browser, review, ...wish }, { owner, step, ask }) => {
    const article = await step('fetch', ({ fetchArticle }) => fetchArticle({ url, browser, owner }), {
      policy: policies.fetch,
      summary: `Fetch ${url}`,
      counts: ({ characters }) => `${characters} characters`,
    });
    const chosen = await step(
      'extract',
      ({ extractWords }) => extractWords({ owner, textId: textOf(article), ...wish }),
      {
        policy: policies.model,
        summary: `Choose ${wish.wordCount} words from "${article.title ?? article.url}"`,
        counts: ({ words }) => `${words.length} words`,
      },
    );
    // Over a long weekend.
    const { words } = review
      ? await ask('review', { data: { words: chosen.words }, within: days(4) })
      : chosen;
    const { sourceLang, targetLang } = wish;
    const saved = await step(
      'save',
      ({ saveWords }) => saveWords({ owner, sourceLang, targetLang, sourceUrl: article.url, words }),
      {
        policy: policies.save,
        summary: `Save ${words.length} words`,
        effect: true,
        counts: ({ newWords, updatedWords }) => `${newWords} new, ${updatedWords} there already`,
      },
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

/** A run that fetched its article before the field was renamed has the old name in its history. */
const textOf = ({ textId, documentId }: FetchedArticle & { documentId?: string }): string =>
  textId ?? documentId;
