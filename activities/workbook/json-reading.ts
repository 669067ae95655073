import { readFile, stat } from 'node:fs/promises';
import { isRecord } from '../../job-types/contract/is-record.js';
import { mostColumns } from '../../job-types/fields/workbook/column-name.js';
import { StepFailure } from '../frame/step-failure.js';
import type { TableFile } from './operation.js';
import type { Reading } from './reading.js';
import type { CellValue, Row, Table } from './table.js';

/** Bytes. JSON is read as a whole, and takes several times as much memory as it is long. */
const longest = 50 * 1024 * 1024;

/** A list of objects, or one under a single name, as the steps that make JSON write it. */
export async function openJson(file: TableFile, reading: Reading): Promise<Table> {
  const records = recordsIn(await parsed(file), file);
  reading.signal.throwIfAborted();
  const names = new Set(records.flatMap((record) => Object.keys(record)));
  if (names.size === 0) throw new StepFailure('workbook-empty', `The file "${file.name}" has no record.`);
  if (names.size > mostColumns) {
    throw new StepFailure('file-beyond-limit', `The records have more than ${mostColumns} names.`);
  }
  const columns = [...names];
  async function* rows(): AsyncGenerator<Row> {
    for (const record of records) yield { values: columns.map((name) => valueOf(record[name])) };
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

async function parsed({ path, name }: TableFile): Promise<unknown> {
  const { size } = await stat(path);
  if (size > longest) {
    throw new StepFailure(
      'file-beyond-limit',
      `The file "${name}" is JSON of ${size} bytes; ${longest} are read at most.`,
    );
  }
  const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StepFailure('workbook-damaged', `The file "${name}" is no JSON.`, { cause: error });
  }
}

function recordsIn(value: unknown, { name }: TableFile): Record<string, unknown>[] {
  const lists = isRecord(value) ? Object.values(value).filter((inner) => Array.isArray(inner)) : [value];
  const list: unknown = lists.length === 1 ? lists[0] : [value];
  if (Array.isArray(list) && list.every((record) => isRecord(record))) return list;
  throw new StepFailure('table-unsupported', `The file "${name}" is JSON, but no list of objects.`);
}

function valueOf(value: unknown): CellValue {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return JSON.stringify(value);
}
