import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Content } from 'pdfmake';
import { type Block, type Run, blocksOf } from './blocks.js';

/** Of the package: Roboto, with Latin, Cyrillic and Greek letters, under the Apache licence. */
const fontFolder = join(
  dirname(createRequire(import.meta.url).resolve('pdfmake/package.json')),
  'fonts/Roboto',
);
const font = (name: string): string => join(fontFolder, `Roboto-${name}.ttf`);

const fontSizes: Readonly<Record<number, number>> = { 1: 20, 2: 14, 3: 12 };
const indentPoints = 14;
/** Between the margins of a sheet of A4, in points. */
const lineWidth = 483;

/** The package is large, and loaded by the first who asks for a file. */
async function load() {
  const { default: pdfmake } = await import('pdfmake');
  pdfmake.setFonts({
    Roboto: {
      normal: font('Regular'),
      bold: font('Medium'),
      italics: font('Italic'),
      bolditalics: font('MediumItalic'),
    },
  });
  pdfmake.setUrlAccessPolicy(() => false);
  pdfmake.setLocalAccessPolicy((path) => path.startsWith(fontFolder));
  return pdfmake;
}

let loaded: ReturnType<typeof load> | null = null;

/** A PDF on A4, whose text is text: it can be searched and copied. */
export async function toPdf(markdown: string, { title }: { title: string }): Promise<Buffer> {
  loaded ??= load();
  const pdfmake = await loaded;
  return pdfmake
    .createPdf({
      info: { title, creator: 'Longhaul' },
      pageSize: 'A4',
      pageMargins: [56, 56, 56, 56],
      defaultStyle: { font: 'Roboto', fontSize: 10.5, lineHeight: 1.2 },
      content: blocksOf(markdown).map(contentOf),
    })
    .getBuffer();
}

function contentOf({ kind, level, depth, marker, runs }: Block): Content {
  const left = depth * indentPoints;
  if (kind === 'rule') {
    const line = { type: 'line', x1: 0, y1: 0, x2: lineWidth, y2: 0, lineWidth: 0.5 } as const;
    return { canvas: [line], margin: [0, 4, 0, 8] };
  }
  const text = runs.map(textOf);
  if (kind === 'heading') {
    const fontSize = fontSizes[level] ?? 11;
    return { text, bold: true, fontSize, margin: [left, 8, 0, 4], headlineLevel: level };
  }
  if (marker === null) return { text, margin: [left, 0, 0, 6], preserveLeadingSpaces: kind === 'code' };
  return {
    columns: [
      { width: indentPoints, text: marker },
      { width: '*', text },
    ],
    margin: [left - indentPoints, 0, 0, 4],
  };
}

/** Where a word is broken that is longer than a line: the package tries every place in it, one after the other. */
const endless = /\S{80}(?=\S)/gu;

const textOf = ({ text, bold, italic, link }: Run) => ({
  text: text.replace(endless, '$&\n'),
  bold,
  italics: italic,
  ...(link === null ? {} : { link, color: '#1a4f8b' }),
});
