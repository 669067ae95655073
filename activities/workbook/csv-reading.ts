import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { CsvError, type Options, parse } from 'csv-parse';
import { mostColumns } from '../../job-types/fields/workbook/column-name.js';
import { StepFailure } from '../frame/step-failure.js';
import { exactNumber } from './cell-text.js';
import { namesFor } from './columns.js';
import { type CsvForm, csvForm } from './csv-form.js';
import type { TableFile } from './operation.js';
import type { Reading } from './reading.js';
import type { Row, Table } from './table.js';

/** Characters of one record: a quote that is never closed would otherwise take in the rest of the file. */
const longestRecord = 4_000_000;

/** A column is of numbers where every value of it is written exactly as the number is. All else stays the text it is. */
export async function openCsv(file: TableFile, reading: Reading): Promise<Table> {
  const form = await csvForm(file.path);
  const { columns, numeric } = await survey(records(file, { form, reading: { signal: reading.signal } }));
  if (columns.length === 0) throw new StepFailure('workbook-empty', `The file "${file.name}" has no row.`);
  async function* rows(): AsyncGenerator<Row> {
    let isFirst = true;
    for await (const record of records(file, { form, reading })) {
      if (!isFirst) yield { values: columns.map((_, place) => valueOf(record[place], numeric.has(place))) };
      isFirst = false;
    }
  }
  const { delimiter, hasMark } = form;
  return { kind: 'csv', columns, sheet: 'Sheet1', delimiter, hasMark, rows, uncalculated: () => 0 };
}

const valueOf = (text: string | undefined, isNumber: boolean) =>
  text === undefined || text === '' ? null : isNumber ? Number(text) : text;

/** The width of the widest record, and which columns are of numbers. */
async function survey(all: AsyncIterable<string[]>) {
  let header: string[] | null = null;
  let width = 0;
  const numeric = new Set<number>();
  const texts = new Set<number>();
  for await (const record of all) {
    width = Math.max(width, record.length);
    if (width > mostColumns) throw tooWide();
    if (header === null) {
      header = record;
      continue;
    }
    for (const [place, text] of record.entries()) {
      if (text === '' || texts.has(place)) continue;
      if (exactNumber(text) === null) texts.add(place);
      else numeric.add(place);
    }
  }
  const names = header === null ? [] : Array.from({ length: width }, (_, place) => header[place] ?? '');
  return { columns: namesFor(names), numeric: new Set([...numeric].filter((place) => !texts.has(place))) };
}

const tooWide = () =>
  new StepFailure('file-beyond-limit', `The table has more than ${mostColumns} columns, which is the most.`);

async function* records(
  { path, name }: TableFile,
  { form, reading }: { form: CsvForm; reading: Reading },
): AsyncGenerator<string[]> {
  const options: Options = {
    delimiter: form.delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: longestRecord,
  };
  const source = Readable.from(decoded(path, { form, reading }));
  const parser = source.pipe(parse(options));
  source.on('error', (error) => parser.destroy(error));
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      if (record.some((text) => text !== '')) yield record;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const detail = `The file "${name}" is no CSV that can be read: ${error.message.slice(0, 200)}`;
    throw new StepFailure('workbook-damaged', detail, { cause: error });
  } finally {
    source.destroy();
  }
}

async function* decoded(
  path: string,
  { form, reading }: { form: CsvForm; reading: Reading },
): AsyncGenerator<string> {
  const decoder = new TextDecoder(form.encoding);
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    reading.signal.throwIfAborted();
    reading.read?.(piece.length);
    const text = decoder.decode(piece, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}
