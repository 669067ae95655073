import stringWidth from 'string-width';
import type { Word } from '../../job-types/fields/word.js';

interface Column {
  title: string;
  of(word: Word): string | null;
  /** The widest it gets, however much room there is. */
  most: number;
  /** The narrowest that still tells something. */
  least: number;
}

const columns: readonly Column[] = [
  { title: 'word', of: ({ word }) => word, most: 24, least: 8 },
  { title: 'lemma', of: ({ lemma }) => lemma, most: 20, least: 8 },
  { title: 'part of speech', of: ({ partOfSpeech }) => partOfSpeech, most: 14, least: 8 },
  { title: 'translation', of: ({ translation }) => translation, most: 28, least: 8 },
  { title: 'example', of: ({ examples }) => examples[0] ?? null, most: 60, least: 16 },
];

/** Those that give way where the terminal is narrow, the first one first. The others are what it is about. */
const givingWay = ['example', 'part of speech', 'lemma', 'translation', 'word'];
const left = new Set(['word', 'translation']);
const gap = '  ';

interface Cells {
  column: Column;
  /** The title, and below it one a word. */
  texts: string[];
  width: number;
}

/**
 * The words in aligned columns; what is not known is a dash.
 * @param width columns of the terminal, which no line is wider than
 */
export function wordsTable(words: readonly Word[], width: number): string {
  const shown = fitted(
    columns.map((column) => {
      const texts = [column.title, ...words.map((word) => (column.of(word) ?? '-').replaceAll(/\s+/g, ' '))];
      return {
        column,
        texts,
        width: Math.min(column.most, Math.max(...texts.map((text) => stringWidth(text)))),
      };
    }),
    width,
  );
  const line = (row: number) =>
    shown
      .map(({ texts, width: wide }) => padded(texts[row] ?? '', wide))
      .join(gap)
      .trimEnd();
  const rule = shown.map(({ width: wide }) => '-'.repeat(wide)).join(gap);
  return [line(0), rule, ...words.map((_, index) => line(index + 1))].join('\n');
}

/** Made narrower, and where that is not enough left out, one column after the other. */
function fitted(all: readonly Cells[], width: number): Cells[] {
  let shown = [...all];
  const excess = () =>
    shown.reduce((sum, cells) => sum + cells.width, 0) + gap.length * (shown.length - 1) - width;
  for (const title of givingWay) {
    const cells = shown.find(({ column }) => column.title === title);
    if (!cells || excess() <= 0) continue;
    cells.width = Math.max(Math.min(cells.column.least, cells.width), cells.width - excess());
    if (excess() > 0 && !left.has(title)) shown = shown.filter((one) => one !== cells);
  }
  return shown;
}

/** Exactly this wide: cut, or filled with spaces. Some letters are two columns wide, and some none. */
function padded(text: string, width: number): string {
  let shown = text;
  if (stringWidth(text) > width) {
    const graphemes = [...new Intl.Segmenter('und').segment(text)].map(({ segment }) => segment);
    while (stringWidth(graphemes.join('')) > width - 1) graphemes.pop();
    shown = `${graphemes.join('').trimEnd()}…`;
  }
  return shown + ' '.repeat(width - stringWidth(shown));
}
