import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../local/project.js';

/** What a model might say of a job type's example (of the bundled article), written by hand. */
const files = {
  extractArticle: 'samples/el-faro.answer.json',
  chatReply: 'samples/chat-reply.answer.txt',
} as const;

/** A job type that the demo shows. */
export type ShownType = keyof typeof files;

export const isShown = (name: string): name is ShownType => Object.hasOwn(files, name);

export const shownTypes = Object.keys(files) as ShownType[];

export const recordingFile = (type: ShownType): string => files[type];

/** The one question about an article that has a recorded answer. */
export const recorded = { sample: 'el-faro.html', from: 'Spanish', to: 'French' } as const;

/** Characters a second: some sixty tokens, as hosted models write. */
const pace = 250;

export interface Recording {
  text: string;
  durationMs: number;
}

/** The recorded answer to a wish for so many words: the first ones are the answer to a smaller wish. A text is whole. */
export function recording(wordCount: number, type: ShownType = 'extractArticle'): Recording {
  const written = readFileSync(join(projectRoot, files[type]), 'utf8');
  const text = files[type].endsWith('.json') ? firstWords(written, wordCount) : written.trim();
  return { text, durationMs: (text.length / pace) * 1000 };
}

function firstWords(written: string, wordCount: number): string {
  const { words, ...rest } = JSON.parse(written) as { words: unknown[] };
  return JSON.stringify({ ...rest, words: words.slice(0, wordCount) }, null, 1);
}
