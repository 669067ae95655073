import { cellText } from './cell-text.js';
import type { CellValue, Row } from './table.js';
import { inPieces } from './writing.js';

export interface CsvOutput {
  columns: readonly string[];
  rows: AsyncIterable<Row>;
  delimiter?: string;
  /** Begins with a byte order mark. */
  hasMark?: boolean;
}

export const csvPieces = (output: CsvOutput): AsyncIterable<string> => inPieces(lines(output));

async function* lines({
  columns,
  rows,
  delimiter = ',',
  hasMark = false,
}: CsvOutput): AsyncGenerator<string> {
  if (hasMark) yield '\uFEFF';
  yield line(
    columns.map((name) => inert(name)),
    delimiter,
  );
  for await (const { values, formats } of rows) {
    yield line(
      values.map((value, place) => csvText(value, formats?.[place])),
      delimiter,
    );
  }
}

/** A number of a workbook is none that someone could have slipped in. */
const csvText = (value: CellValue, format?: string): string =>
  typeof value === 'string' ? inert(value) : cellText(value, format);

/**
 * What Excel would take for a formula gets an apostrophe before it, as Excel itself marks a text. A number with its sign,
 * or that of a telephone, stays, since nothing can happen by it.
 */
export const inert = (text: string): string =>
  /^[\s\0]*[=+\-@\uFF0B\uFF0D\uFF1D\uFF20]/.test(text) && !/^[+-]?[\d ().,]+$|^\+\d[\d ()-]+$/.test(text)
    ? `'${text}`
    : text;

function line(texts: readonly string[], delimiter: string): string {
  const fields = texts.map((text) =>
    /["\r\n]/.test(text) || text.includes(delimiter) || text !== text.trim()
      ? `"${text.replaceAll('"', '""')}"`
      : text,
  );
  // A line with nothing in it would be taken for no row.
  return `${fields.length === 1 && fields[0] === '' ? '""' : fields.join(delimiter)}\r\n`;
}
