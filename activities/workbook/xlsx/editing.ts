import type { Entry } from 'yauzl';
import { StepFailure } from '../../frame/step-failure.js';
import type { TableFile } from '../operation.js';
import type { Reading } from '../reading.js';
import { Archive } from './archive.js';
import { partsOf } from './parts.js';
import { contextOf } from './reading.js';
import { type Repacking, repacked } from './repacking.js';
import { SheetRewriter, type SheetRow } from './sheet-rewriting.js';

export interface Editing extends Reading {
  row: (row: SheetRow) => string;
}

/**
 * A workbook whose first sheet has other rows. Every other part stays as it is, byte for byte. The list of what is
 * calculated in which order goes: programs make it anew, and would find formulas in it that are gone.
 */
export async function* editedWorkbook(
  file: TableFile,
  { row, signal, read }: Editing,
): AsyncGenerator<Uint8Array> {
  const archive = await Archive.open(file);
  try {
    const parts = await partsOf(archive, { file, signal });
    const context = await contextOf(archive, { parts, signal });
    const rewriter = new SheetRewriter({ context, row });
    const changes: Record<string, (text: string) => string> = {
      [parts.workbook]: calculatedOnLoad,
      '[Content_Types].xml': withoutChain,
    };
    const repack: Repacking = (entry) => {
      if (entry === parts.sheet) return rewritten(archive, { entry, rewriter, signal, read });
      if (/(^|\/)calcChain\.xml$/i.test(entry.fileName)) return 'left-out';
      const change = entry.fileName.endsWith('/workbook.xml.rels') ? withoutChain : changes[entry.fileName];
      return change ? changed(archive, { entry, change, signal }) : 'as-it-is';
    };
    yield* repacked(archive, { repack, signal });
  } finally {
    archive.close();
  }
}

interface Rewritten extends Reading {
  entry: Entry;
  rewriter: SheetRewriter;
}

async function* rewritten(
  archive: Archive,
  { entry, rewriter, signal, read }: Rewritten,
): AsyncGenerator<string> {
  try {
    for await (const piece of archive.text(entry, signal)) {
      read?.((piece.length * entry.compressedSize) / Math.max(1, entry.uncompressedSize));
      yield rewriter.push(piece);
    }
    yield rewriter.end();
  } catch (error) {
    throw signal.aborted || error instanceof StepFailure ? error : archive.damaged(error);
  }
}

async function* changed(
  archive: Archive,
  { entry, change, signal }: { entry: Entry; change: (text: string) => string; signal: AbortSignal },
): AsyncGenerator<string> {
  yield change(await archive.whole(entry, signal));
}

const withoutChain = (text: string): string =>
  text.replaceAll(/<(?:\w+:)?(?:Override|Relationship)\b[^<>]*?(?:\/>|>\s*<\/[^<>]*>)/g, (tag) =>
    tag.includes('calcChain') ? '' : tag,
  );

/** Formulas elsewhere that depend on what was changed are calculated when the file is opened. */
const calculatedOnLoad = (text: string): string =>
  text.replace(/<((?:\w+:)?calcPr)\b([^<>]*?)(\/?)>/, (_, name: string, attributes: string, end: string) => {
    const others = attributes.replace(/\s+fullCalcOnLoad="[^"]*"/, '');
    return `<${name}${others} fullCalcOnLoad="1"${end}>`;
  });
