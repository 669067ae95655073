import { readFile, stat } from 'node:fs/promises';
import { isRecord } from '../../job-types/contract/is-record.js';
import { mostColumns } from '../../job-types/fields/workbook/column-name.js';
import { StepFailure } from '../frame/step-failure.js';
import { noJson, partsOfLists } from './json-scanning.js';
import type { TableFile } from './operation.js';
import type { Reading } from './reading.js';
import type { CellValue, Row, Table } from './table.js';

type JsonRecord = Record<string, unknown>;

/** Bytes of a file that is one record, and characters of the names of all columns. */
const most = { single: 1_000_000, names: 4_000_000 };

/** A list of objects, or one under a single name, as the steps that make JSON write it. It is read record by record. */
export async function openJson(file: TableFile, reading: Reading): Promise<Table> {
  const { columns, single } = await survey(file, { signal: reading.signal });
  async function* rows(): AsyncGenerator<Row> {
    for await (const record of single ? [single] : records(file, reading)) yield rowOf(record, columns);
  }
  return {
    kind: 'json',
    columns,
    sheet: 'Sheet1',
    delimiter: ',',
    hasMark: false,
    rows,
    uncalculated: () => 0,
  };
}

const rowOf = (record: JsonRecord, columns: readonly string[]): Row => ({
  values: columns.map((name) => (Object.hasOwn(record, name) ? valueOf(record[name]) : null)),
});

/** The names of all records. An object with no list, or with several, is a record itself. */
async function survey(
  file: TableFile,
  reading: Reading,
): Promise<{ columns: string[]; single?: JsonRecord }> {
  const around = { skeleton: '' };
  const names = new Names();
  let isOfRecords = true;
  for await (const texts of partsOfLists(file, { reading, around })) {
    for (const text of texts) {
      const record = parsed(text, file);
      if (isRecord(record)) names.add(record);
      else isOfRecords = false;
    }
  }
  const whole = parsed(around.skeleton, file);
  if (isRecord(whole) && Object.values(whole).filter((value) => Array.isArray(value)).length !== 1) {
    const single = await singleIn(file);
    const own = new Names();
    own.add(single);
    return { columns: own.columns(file), single };
  }
  if (!isOfRecords || typeof whole !== 'object' || whole === null) throw unsupported(file);
  return { columns: names.columns(file) };
}

class Names {
  private readonly names = new Set<string>();
  private length = 0;

  /** @throws {StepFailure} file-beyond-limit */
  add(record: JsonRecord): void {
    for (const name of Object.keys(record)) {
      if (this.names.has(name)) continue;
      this.names.add(name);
      this.length += name.length;
      if (this.names.size <= mostColumns && this.length <= most.names) continue;
      throw new StepFailure('file-beyond-limit', `The records have more than ${mostColumns} names.`);
    }
  }

  /** @throws {StepFailure} workbook-empty */
  columns({ name }: TableFile): string[] {
    if (this.names.size === 0) throw new StepFailure('workbook-empty', `The file "${name}" has no record.`);
    return [...this.names];
  }
}

async function singleIn(file: TableFile): Promise<JsonRecord> {
  const { size } = await stat(file.path);
  if (size > most.single) {
    const detail = `The file "${file.name}" is one record of ${size} bytes; ${most.single} are read at most.`;
    throw new StepFailure('file-beyond-limit', detail);
  }
  const record = parsed((await readFile(file.path, 'utf8')).replace(/^\uFEFF/, ''), file);
  if (!isRecord(record)) throw unsupported(file);
  return record;
}

async function* records(file: TableFile, reading: Reading): AsyncGenerator<JsonRecord> {
  for await (const texts of partsOfLists(file, { reading })) {
    for (const text of texts) {
      const record = parsed(text, file);
      if (!isRecord(record)) throw unsupported(file);
      yield record;
    }
  }
}

function parsed(text: string, file: TableFile): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw noJson(file, error);
  }
}

const unsupported = ({ name }: TableFile): StepFailure =>
  new StepFailure('table-unsupported', `The file "${name}" is JSON, but no list of objects.`);

function valueOf(value: unknown): CellValue {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return JSON.stringify(value);
}
