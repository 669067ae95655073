import { createTheme, type CreateThemeResult } from '../../../job-types/create-theme.js';
import { translateWords, type TranslateWordsResult } from '../../../job-types/translate-words.js';
import { recordedWords } from '../recording.js';
import type { Show } from '../show.js';
import { wordsTable } from '../words-table.js';
import { article } from './article.js';

interface Words {
  type: string;
  example: unknown;
  recordingFile: string;
  /** The step that asks the model. */
  asks: string;
  /** What the model has done with the words. */
  done: string;
}

/** Words that are not of an article. */
const words = ({ type, example, recordingFile, asks, done }: Words): Show => ({
  type,
  recordingFile,
  isRecorded: () => true,
  recording: ({ wordCount }) => recordedWords(recordingFile, wordCount),
  input: () => example,
  said: article.said,
  lines: article.lines,
  asks,
  report(job, { width, say }) {
    const result = job.result as TranslateWordsResult | CreateThemeResult;
    say(`\n${result.theme}\n\n${wordsTable(result.words, width)}\n`);
    say(`${result.newWords} new words saved, ${result.updatedWords} updated; ${done} by ${result.provider}.`);
  },
  // The scene's library was empty: a second save would have found its words there.
  savedOnce: ({ result }) => {
    const saved = result as TranslateWordsResult | CreateThemeResult;
    return saved.newWords === saved.words.length;
  },
  saved: 'the words were saved',
});

export const translation = words({
  type: 'translateWords',
  example: translateWords.example,
  recordingFile: 'samples/translate-words.answer.json',
  asks: 'translate',
  done: 'translated',
});

export const theme = words({
  type: 'createTheme',
  example: createTheme.example,
  recordingFile: 'samples/create-theme.answer.json',
  asks: 'generate',
  done: 'chosen',
});
