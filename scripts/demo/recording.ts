import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../local/project.js';

/** The one question about an article that has a recorded answer. */
export const recorded = { sample: 'el-faro.html', from: 'Spanish', to: 'French' } as const;

/** Characters a second: some sixty tokens, as hosted models write. */
const pace = 250;

export interface Recording {
  text: string;
  durationMs: number;
}

/**
 * A recorded answer of words, written by hand.
 * @param file in the repository; its first words are the answer to a smaller wish
 */
export function recordedWords(file: string, wordCount: number): Recording {
  const { words, ...rest } = JSON.parse(readFileSync(join(projectRoot, file), 'utf8')) as {
    words: unknown[];
  };
  const text = JSON.stringify({ ...rest, words: words.slice(0, wordCount) }, null, 1);
  return timed(text);
}

/** A text at the pace of a model. */
export const timed = (text: string): Recording => ({ text, durationMs: (text.length / pace) * 1000 });

/** A recorded answer that is a text, whatever was asked. */
export const recordedText = (file: string): Recording =>
  timed(readFileSync(join(projectRoot, file), 'utf8').trim());
