import type { Paragraph, ParagraphChild } from 'docx';
import { type Block, type Run, blocksOf } from './blocks.js';

type Docx = typeof import('docx');

/** A twentieth of a point. */
const twips = (points: number): number => points * 20;
const indentPoints = 18;

/** A Word document. The package is large, and loaded by the first who asks for one. */
export async function toDocx(markdown: string, { title }: { title: string }): Promise<Buffer> {
  const docx = await import('docx');
  const children = blocksOf(markdown).map((block) => paragraphOf(block, docx));
  const file = new docx.Document({
    title,
    creator: 'Longhaul',
    styles: { default: { document: { run: { font: 'Calibri', size: 22 } } } },
    sections: [{ children }],
  });
  return docx.Packer.toBuffer(file);
}

function paragraphOf(block: Block, docx: Docx): Paragraph {
  const { kind, level, depth, marker } = block;
  const { HeadingLevel } = docx;
  const headings = [
    ...[HeadingLevel.HEADING_1, HeadingLevel.HEADING_2, HeadingLevel.HEADING_3],
    ...[HeadingLevel.HEADING_4, HeadingLevel.HEADING_5, HeadingLevel.HEADING_6],
  ];
  const heading = kind === 'heading' ? headings[level - 1] : undefined;
  const left = twips(indentPoints * depth);
  return new docx.Paragraph({
    ...(heading === undefined ? {} : { heading }),
    ...(kind === 'rule' ? { thematicBreak: true } : {}),
    ...(depth === 0
      ? {}
      : { indent: { left, ...(marker === null ? {} : { hanging: twips(indentPoints) }) } }),
    spacing: { after: twips(6) },
    children: [
      ...(marker === null ? [] : [new docx.TextRun({ text: `${marker}\t` })]),
      ...block.runs.flatMap((run) => childrenOf(run, docx)),
    ],
  });
}

function childrenOf(run: Run, docx: Docx): ParagraphChild[] {
  const { bold, italic, code, link } = run;
  const lines = run.text.split('\n').map(
    (text, index) =>
      new docx.TextRun({
        text,
        bold,
        italics: italic,
        ...(code ? { font: 'Courier New' } : {}),
        ...(link === null ? {} : { style: 'Hyperlink' }),
        ...(index === 0 ? {} : { break: 1 }),
      }),
  );
  return link === null ? lines : [new docx.ExternalHyperlink({ link, children: lines })];
}
