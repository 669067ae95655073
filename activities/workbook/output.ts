import path from 'node:path';
import { csvPieces } from './csv-writing.js';
import type { OperationContext, OperationOutcome } from './operation.js';
import type { Row, Table } from './table.js';
import { writeFile } from './writing.js';
import { xlsxPieces } from './xlsx/writing.js';

export type Made = OperationOutcome['file'];

const mediaTypes = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  xlsm: 'application/vnd.ms-excel.sheet.macroEnabled.12',
  json: 'application/json',
  sql: 'application/sql',
} as const;

export type Format = keyof typeof mediaTypes;

/** Characters of the input's name that go into the output's. */
const longestStem = 100;

/** "customers_sorted.csv" of "customers.xlsx". */
export function nameOf(input: string, { suffix, format }: { suffix: string; format: Format }): string {
  const stem = path.parse(input.replaceAll('\\', '/')).name.slice(0, longestStem) || 'table';
  return stem.endsWith(suffix) ? `${stem}.${format}` : `${stem}${suffix}.${format}`;
}

/** @param suffix what is added to the input's name, such as "_found" */
export async function writeOutput(
  context: OperationContext,
  { suffix, format, pieces }: { suffix: string; format: Format; pieces: AsyncIterable<string | Uint8Array> },
): Promise<Made> {
  const name = nameOf(context.input.name, { suffix, format });
  const file = path.join(context.folder, `output.${format}`);
  await writeFile(file, { pieces, signal: context.signal });
  return { path: file, name, mediaType: mediaTypes[format] };
}

export interface NewTable {
  /** Where the rows come from, which says how a CSV file is written. */
  from: Pick<Table, 'delimiter' | 'hasMark' | 'sheet'>;
  columns: readonly string[];
  rows: AsyncIterable<Row>;
  suffix: string;
  format: 'csv' | 'xlsx';
}

export function writeTable(
  context: OperationContext,
  { from, columns, rows, suffix, format }: NewTable,
): Promise<Made> {
  const { sheet, delimiter, hasMark } = from;
  const pieces =
    format === 'csv'
      ? csvPieces({ columns, rows, delimiter, hasMark })
      : xlsxPieces({ columns, rows, sheet: sheet || 'Sheet1' });
  return writeOutput(context, { suffix, format, pieces });
}
