import { StepFailure } from '../../frame/step-failure.js';
import { cellText } from '../cell-text.js';
import { namesFor } from '../columns.js';
import type { TableFile } from '../operation.js';
import type { Reading } from '../reading.js';
import type { Row, Table } from '../table.js';
import { Archive } from './archive.js';
import type { CellContext } from './cell-value.js';
import { formatsIn } from './formats.js';
import { type Parts, partsOf } from './parts.js';
import { sheetRows } from './sheet-rows.js';
import { feed, sharedStrings } from './strings.js';

/** What a sheet is read with. */
export async function contextOf(
  archive: Archive,
  { parts, signal }: { parts: Parts; signal: AbortSignal },
): Promise<CellContext> {
  const styles = parts.styles && (await archive.whole(parts.styles, signal));
  return {
    strings: await sharedStrings(archive, { entry: parts.strings, signal }),
    formats: feed(archive, () => formatsIn(styles)),
    is1904: parts.is1904,
  };
}

/** Rows that are looked at for columns without a name. */
const looked = 1000;

/** The file is open only while it is read. */
export async function openXlsx(file: TableFile, reading: Reading): Promise<Table> {
  let uncalculated = 0;
  const count = () => (uncalculated += 1);
  const known: Known = {};
  const { columns, sheet } = await survey(file, { signal: reading.signal, known });

  async function* rows(): AsyncGenerator<Row> {
    uncalculated = 0;
    let isFirst = true;
    for await (const row of readSheet(file, { ...reading, known, uncalculated: count })) {
      if (isFirst) isFirst = false;
      else yield { ...row, values: columns.map((_, place) => row.values[place] ?? null) };
    }
  }
  return {
    kind: 'xlsx',
    columns,
    sheet,
    delimiter: ',',
    hasMark: false,
    rows,
    uncalculated: () => uncalculated,
  };
}

/** What cells refer to, once it has been read. */
interface Known {
  context?: CellContext;
}

interface Told extends Reading {
  known: Known;
  uncalculated?: () => void;
  sheetName?: (name: string) => void;
}

async function* readSheet(
  file: TableFile,
  { known, uncalculated, sheetName, ...reading }: Told,
): AsyncGenerator<Row> {
  const { signal } = reading;
  const archive = await Archive.open(file);
  try {
    const parts = await partsOf(archive, { file, signal });
    sheetName?.(parts.sheetName);
    const context = (known.context ??= await contextOf(archive, { parts, signal }));
    const told = uncalculated ?? (() => undefined);
    yield* sheetRows(archive, { ...reading, entry: parts.sheet, context, uncalculated: told });
  } finally {
    archive.close();
  }
}

async function survey(
  file: TableFile,
  told: Omit<Told, 'sheetName'>,
): Promise<{ columns: string[]; sheet: string }> {
  let sheet = '';
  let header: Row | null = null;
  let width = 0;
  let seen = 0;
  for await (const row of readSheet(file, { ...told, sheetName: (name) => (sheet = name) })) {
    header ??= row;
    width = Math.max(width, row.values.length);
    seen += 1;
    if (seen === looked) break;
  }
  if (header === null) {
    const detail = `The first sheet of "${file.name}" has no cell that holds anything.`;
    throw new StepFailure('workbook-empty', detail);
  }
  const { values, formats } = header;
  const texts = Array.from({ length: width }, (_, place) =>
    cellText(values[place] ?? null, formats?.[place]),
  );
  return { columns: namesFor(texts), sheet };
}
