import type { ExtractArticleResult } from '../../../job-types/extract-article.js';
import { rulesName } from '../../../job-types/fields/model-names.js';
import { recorded, recordedWords } from '../recording.js';
import type { Show } from '../show.js';
import { wordsSoFar } from '../words-so-far.js';
import { wordsTable } from '../words-table.js';

const recordingFile = 'samples/el-faro.answer.json';

/** Words of an article. */
export const article: Show = {
  type: 'extractArticle',
  recordingFile,
  isRecorded: ({ url, from, to }) => url === null && from === recorded.from && to === recorded.to,
  recording: ({ wordCount }) => recordedWords(recordingFile, wordCount),
  input: ({ url, from, to, wordCount }, api) => ({
    url: url ?? `${api}/samples/${recorded.sample}`,
    sourceLang: from,
    targetLang: to,
    wordCount,
  }),
  said: (text) => wordsSoFar(text).map(({ word, translation }) => `${word} → ${translation ?? '-'}`),
  lines: 'whole words',
  asks: 'extract',
  report(job, { width, say }) {
    const result = job.result as ExtractArticleResult;
    say(`\n${result.title ?? result.sourceUrl}\n\n${wordsTable(result.words, width)}\n`);
    say(`${result.newWords} new words saved, ${result.updatedWords} updated; chosen by ${result.provider}.`);
    if (result.provider === rulesName) {
      say(
        'There are no translations because no model is configured, and the built-in rules invent nothing. Set MODEL ' +
          '(for example openai/gpt-5-mini, with OPENAI_API_KEY; or OPENAI_BASE_URL for a local server) in .env.',
      );
    }
  },
  // The scene's library was empty: a second save would have found its words there.
  savedOnce({ result }) {
    const { newWords, words } = result as ExtractArticleResult;
    return newWords === words.length;
  },
  saved: 'the words were saved',
};
