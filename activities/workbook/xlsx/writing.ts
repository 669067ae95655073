import { writeXlsxStream } from 'hucre/xlsx';
import { StepFailure } from '../../frame/step-failure.js';
import type { CellValue, Row } from '../table.js';
import { encodeEscapes } from './markup.js';
import { cellTextOf } from './sheet-cells.js';

export interface XlsxOutput {
  columns: readonly string[];
  rows: AsyncIterable<Row>;
  sheet: string;
}

/** Rows of a sheet, which is Excel's limit, without the first one. */
const mostRows = 1_048_575;

/** The one place that knows the library which writes workbooks. No text is ever written as a formula. */
export const xlsxPieces = ({ columns, rows, sheet }: XlsxOutput): AsyncIterable<Uint8Array> => {
  // The library looks at these when it writes a row, which is before it asks for the next one.
  const looks: { numFmt?: string }[] = columns.map(() => ({}));
  async function* cells(): AsyncGenerator<CellValue[]> {
    yield columns.map((name) => encodeEscapes(name));
    let count = 0;
    for await (const { values, formats } of rows) {
      if (count === mostRows) {
        throw new StepFailure(
          'file-beyond-limit',
          `The table has more than the ${mostRows} rows of a sheet.`,
        );
      }
      count += 1;
      for (const [place, look] of looks.entries()) {
        const format = formats?.[place];
        if (format === undefined) delete look.numFmt;
        else look.numFmt = format;
      }
      yield values.map((value) => (typeof value === 'string' ? cellTextOf(value) : value));
    }
  }
  return writeXlsxStream(cells(), { name: sheet, columns: looks });
};
