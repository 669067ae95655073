import type { Word } from '../../job-types/fields/word.js';

const columns: readonly { title: string; of(word: Word): string | null; most: number }[] = [
  { title: 'word', of: ({ word }) => word, most: 24 },
  { title: 'lemma', of: ({ lemma }) => lemma, most: 20 },
  { title: 'part of speech', of: ({ partOfSpeech }) => partOfSpeech, most: 14 },
  { title: 'translation', of: ({ translation }) => translation, most: 28 },
  { title: 'example', of: ({ examples }) => examples[0] ?? null, most: 60 },
];

/** The words in aligned columns; what is not known is a dash. */
export function wordsTable(words: readonly Word[]): string {
  const rows = words.map((word) => columns.map(({ of, most }) => shorten(of(word) ?? '-', most)));
  const table = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, i) => Math.max(...table.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  const [head = [], ...body] = table;
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...body.map(line)].join('\n');
}

const shorten = (text: string, most: number): string => {
  const flat = text.replace(/\s+/g, ' ');
  return flat.length > most ? `${flat.slice(0, most - 1)}…` : flat;
};
