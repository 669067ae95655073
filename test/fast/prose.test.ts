import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { paths, root } from '../harness/repository.js';

/** A reader who has never seen Temporal follows one fact at a time. */
const mostWords = 25;

const written = paths.filter((file) => /\.(ts|m?js|md)$/.test(file) && !file.startsWith('client/'));

/** Paragraphs, list entries and cells; what stands in a code block is no prose. */
const ofPage = (text: string): string[] =>
  text
    .replaceAll(/```.*?```/gs, '')
    .replaceAll(/<!-- bench:begin -->.*?<!-- bench:end -->/gs, '')
    .split(/\n\s*\n|\n(?=\s*(?:[-*|#]|\d+\.))|\|/);

/** The texts of comments. A tag such as "@param" begins another. */
function ofCode(text: string): string[] {
  const docs = [...text.matchAll(/\/\*\*(.*?)\*\//gs)].map(([, body = '']) =>
    body.replaceAll(/\n\s*\* ?/g, '\n'),
  );
  const lines = [...text.matchAll(/(?:^[ \t]*\/\/[^\n]*\n)+/gm)].map(([body]) =>
    body.replaceAll(/^[ \t]*\/\/ ?/gm, ''),
  );
  return [...docs, ...lines].flatMap((body) => body.split(/\n\s*\n|\n(?=@|- )/));
}

/** What stands in backticks is one word, however it is written. */
const sentences = (block: string): string[] =>
  block
    .replaceAll(/`[^`]*`/g, 'code')
    .replaceAll(/\s+/g, ' ')
    .split(/(?<=[.!?])\s+/);

const tooLong = (file: string): string[] => {
  const text = readFileSync(join(root, file), 'utf8');
  const blocks = file.endsWith('.md') ? ofPage(text) : ofCode(text);
  return blocks.flatMap(sentences).filter((sentence) => sentence.trim().split(' ').length > mostWords);
};

describe('no sentence has more than 25 words', () => {
  it.each(written.filter((file) => file.endsWith('.md')))('in %s', (file) => {
    expect(tooLong(file)).toEqual([]);
  });

  it('in any comment', () => {
    const found = written
      .filter((file) => !file.endsWith('.md'))
      .map((file) => [file, tooLong(file)] as const);
    expect(Object.fromEntries(found.filter(([, long]) => long.length > 0))).toEqual({});
  });
});

/** Tables and code cannot be wrapped, and neither can a line of one word. */
function tooWide(text: string): string[] {
  const prose = text.replaceAll(/```.*?```/gs, '').split('\n');
  return prose.filter((line) => line.length > 100 && !line.startsWith('|') && line.trim().includes(' '));
}

describe('no line of a page is wider than 100 characters', () => {
  it.each(written.filter((file) => file.endsWith('.md')))('in %s', (file) => {
    expect(tooWide(readFileSync(join(root, file), 'utf8'))).toEqual([]);
  });
});
