import { hash } from 'node:crypto';
import type { ArgumentsOf } from '../../../job-types/fields/workbook/operations.js';
import { boundColumns } from '../../../job-types/fields/workbook/bound-columns.js';
import { StepFailure } from '../../frame/step-failure.js';
import { cellText } from '../cell-text.js';
import { placesOf } from '../columns.js';
import { counted, formulaNotes } from '../counted.js';
import { Held } from '../held/held.js';
import { Texts } from '../held/texts.js';
import type { OperationContext } from '../operation.js';
import { writeTable } from '../output.js';
import { openTable } from '../reading.js';
import { type CellValue, pick, type Row } from '../table.js';

/** Rows of the other file, which are held in memory. */
const mostRows = 300_000;

/** Characters of a key that is held as it is. */
const longestKey = 100;

interface Wanted {
  bind_file: string;
  keys: string[];
  bind_columns: string[];
}

export const bindSingleKey = (wanted: ArgumentsOf<'excel/bind-single-key'>, context: OperationContext) =>
  bind({ ...wanted, keys: [wanted.comparison_column] }, context);

export const bindMultiKey = (wanted: ArgumentsOf<'excel/bind-multi-key'>, context: OperationContext) =>
  bind({ ...wanted, keys: wanted.comparison_columns }, context);

/** Every row stays once. Of several rows of the other file with its key, the first one counts. */
async function bind({ bind_file: name, keys, bind_columns: wanted }: Wanted, context: OperationContext) {
  const { input, bindFile, signal, progress } = context;
  if (!bindFile) throw new StepFailure('file-gone', `The file "${name}" that the step binds is not there.`);
  const other = await openTable(bindFile, { signal });
  const table = await openTable(input, { signal, progress });
  const keyPlaces = placesOf(keys, table.columns);
  const otherKeys = placesOf(keys, other.columns);
  const added = wanted.length > 0 ? placesOf(wanted, other.columns) : unused(other.columns, otherKeys);
  const { find, repeated } = await byKey(other.rows(), { keys: otherKeys, added });
  let bound = 0;
  async function* joined(): AsyncGenerator<Row> {
    const nothing: Row = { values: added.map(() => null) };
    for await (const row of table.rows()) {
      const key = keyOfRow(row, keyPlaces);
      const match = key === null ? null : find(key);
      if (match) bound += 1;
      yield together(row, { other: match ?? nothing, width: table.columns.length });
    }
  }
  const { rows, count } = counted(joined());
  const columns = boundColumns(
    table.columns,
    added.map((place) => other.columns[place]!),
  );
  const file = await writeTable(context, { from: table, columns, rows, suffix: '_bound', format: 'xlsx' });
  const notes = [`${bound} of ${count()} rows have a match in ${bindFile.name}.`];
  if (repeated > 0)
    notes.push(`${repeated} rows of ${bindFile.name} repeat a key; the first of each was taken.`);
  return { file, isNext: true, rows: count(), notes: [...notes, ...formulaNotes(table)] };
}

const unused = (columns: readonly string[], keys: readonly number[]): number[] =>
  columns.map((_, place) => place).filter((place) => !keys.includes(place));

function together(row: Row, { other, width }: { other: Row; width: number }): Row {
  const joined: Row = { values: [...row.values, ...other.values] };
  if (row.formats || other.formats) {
    const own = Array.from({ length: width }, (_, place) => row.formats?.[place]);
    joined.formats = [...own, ...(other.formats ?? [])];
  }
  return joined;
}

/** What another row adds, by its key. The rows lie outside the heap, as JSON. */
async function byKey(rows: AsyncIterable<Row>, { keys, added }: { keys: number[]; added: number[] }) {
  const held = new Held();
  const numbers = new Map<string, number>();
  const texts = new Texts(held);
  let repeated = 0;
  for await (const row of rows) {
    const key = keyOfRow(row, keys);
    if (key === null) continue;
    if (numbers.has(key)) {
      repeated += 1;
      continue;
    }
    if (numbers.size === mostRows) {
      throw new StepFailure('file-beyond-limit', `The file that is bound has more than ${mostRows} rows.`);
    }
    numbers.set(key, texts.add(JSON.stringify(pick(row, added))));
  }
  const find = (key: string): Row | null => {
    const text = texts.at(numbers.get(key) ?? -1);
    return text === undefined ? null : rowIn(text);
  };
  return { find, repeated };
}

/** What is undefined in a list is null in JSON. */
function rowIn(text: string): Row {
  const { values, formats } = JSON.parse(text) as { values: CellValue[]; formats?: (string | null)[] };
  return formats ? { values, formats: formats.map((format) => format ?? undefined) } : { values };
}

/** The number 7 and the text "7" are the same key; a CSV file knows texts alone. Nothing matches an empty key. */
function keyOfRow({ values, formats }: Row, places: readonly number[]): string | null {
  const texts = places.map((place) => cellText(values[place] ?? null, formats?.[place]).trim());
  if (texts.includes('')) return null;
  const key = JSON.stringify(texts);
  return key.length > longestKey ? hash('sha256', key) : key;
}
