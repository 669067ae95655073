import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../local/project.js';

/** What a model might say of the bundled article, written by hand; its first words are the answer to a smaller wish. */
export const recordingFile = 'samples/el-faro.answer.json';

/** The one question it answers. */
export const recorded = { sample: 'el-faro.html', from: 'Spanish', to: 'French' } as const;

/** Characters a second: some sixty tokens, as hosted models write. */
const pace = 250;

export interface Recording {
  text: string;
  durationMs: number;
}

/** The recorded answer to a wish for so many words. It holds thirty. */
export function recording(wordCount: number): Recording {
  const { words } = JSON.parse(readFileSync(join(projectRoot, recordingFile), 'utf8')) as {
    words: unknown[];
  };
  const text = JSON.stringify({ words: words.slice(0, wordCount) }, null, 1);
  return { text, durationMs: (text.length / pace) * 1000 };
}

/** A recorded answer that is a text, whatever was asked. */
export function recordedText(file: string): Recording {
  const text = readFileSync(join(projectRoot, file), 'utf8').trim();
  return { text, durationMs: (text.length / pace) * 1000 };
}
