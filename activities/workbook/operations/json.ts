import type { ArgumentsOf } from '../../../job-types/fields/workbook/operations.js';
import { mappedColumns } from '../../../job-types/fields/workbook/mapped-columns.js';
import { StepFailure } from '../../frame/step-failure.js';
import { plainValue } from '../cell-text.js';
import { placeIn, placesOf, placesOrAll } from '../columns.js';
import { counted, formulaNotes } from '../counted.js';
import { jsonTemplate } from '../json-template.js';
import { jsonList } from '../json-writing.js';
import type { OperationContext } from '../operation.js';
import { writeOutput } from '../output.js';
import { openTable } from '../reading.js';
import type { CellValue, Row, Table } from '../table.js';
import { picked } from './extract.js';

type Wanted = ArgumentsOf<'json/generate'>;
type WantedByTemplate = ArgumentsOf<'json/generate-with-template'>;

export async function generateJson(wanted: Wanted, context: OperationContext) {
  const table = await openTable(context.input, context);
  const { places, names } = keysOf(wanted, table);
  const empty = wanted.null_handling === 'default' ? '' : null;
  const isLeftOut = wanted.null_handling === 'exclude';
  const record = ({ values, formats }: Row) => {
    const entries = names.map((name, place): [string, CellValue] => [
      name,
      plainValue(values[place] ?? null, formats?.[place]) ?? empty,
    ]);
    return Object.fromEntries(isLeftOut ? entries.filter(([, value]) => value !== null) : entries);
  };
  const { rows, count } = counted(picked(table, places));
  const written = { isPretty: wanted.pretty_print, isAlone: !wanted.array_wrapper };
  return writtenJson(context, { table, rows, count, record, ...written });
}

/** In JSON a mapping goes from the file's column to the new name. The other direction is understood where it is clear. */
function keysOf({ columns, column_mapping: mapping }: Wanted, table: Table) {
  if (Object.keys(mapping).length === 0) {
    const places = placesOrAll(columns, table.columns);
    return { places, names: places.map((place) => table.columns[place]!) };
  }
  const pairs = turned(mapping);
  const found = mappedColumns(pairs, table.columns);
  const places = placesOf(
    found.map(({ source }) => source),
    table.columns,
  );
  return { places, names: found.map(({ name }) => name) };
}

function turned(mapping: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.values(mapping);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined)
    throw new StepFailure('operation-refused', `Two columns would be called "${twice}".`);
  return Object.fromEntries(Object.entries(mapping).map(([source, name]) => [name, source]));
}

export async function generateJsonByTemplate(wanted: WantedByTemplate, context: OperationContext) {
  const table = await openTable(context.input, context);
  const { column_mapping: mapping, aggregation_mode: mode, pretty_print: isPretty } = wanted;
  const fill = jsonTemplate(wanted.template);
  for (const source of Object.values(mapping)) placeIn(source, table.columns);
  const placeOfName = (name: string) =>
    placeIn(Object.hasOwn(mapping, name) ? mapping[name]! : name, table.columns);
  const places = new Map(fill.names.map((name) => [name, placeOfName(name)]));
  const record = ({ values, formats }: Row) => {
    let length = 0;
    return fill.with((name) => {
      const place = places.get(name)!;
      const value = plainValue(values[place] ?? null, formats?.[place]);
      length += typeof value === 'string' ? value.length : 0;
      if (length > longestRecord) throw tooLong();
      return value;
    });
  };
  const { rows, count } = counted(table.rows());
  const form = { isPretty, isAlone: mode === 'single', isNested: mode === 'nested' };
  return writtenJson(context, { table, rows, count, record, ...form });
}

/** Characters of the values of a record, in which a template may repeat each of them. */
const longestRecord = 8_000_000;

const tooLong = () =>
  new StepFailure(
    'file-beyond-limit',
    `The values of a record would have more than ${longestRecord} characters.`,
  );

interface Written {
  table: Table;
  rows: AsyncIterable<Row>;
  count: () => number;
  record: (row: Row) => unknown;
  isPretty: boolean;
  /** A single row is written without a list around it. */
  isAlone: boolean;
  isNested?: boolean;
}

async function writtenJson(context: OperationContext, written: Written) {
  const { table, rows, count, record, isPretty, isAlone, isNested = false } = written;
  const after = () => `,"count":${count()}}`;
  async function* records(): AsyncGenerator<unknown> {
    for await (const row of rows) yield record(row);
  }
  const form = isNested ? { isPretty, before: '{"items":', after } : { isPretty };
  const pieces = isAlone ? oneOrList(records(), isPretty) : jsonList(records(), form);
  const file = await writeOutput(context, { suffix: '_json', format: 'json', pieces });
  return { file, isNext: true, rows: count(), notes: formulaNotes(table) };
}

async function* oneOrList(records: AsyncGenerator<unknown>, isPretty: boolean): AsyncGenerator<string> {
  const first = await records.next();
  const second = await records.next();
  if (first.done !== true && second.done === true) {
    yield `${JSON.stringify(first.value, null, isPretty ? 2 : 0)}\n`;
    return;
  }
  async function* all(): AsyncGenerator<unknown> {
    if (first.done !== true) yield first.value;
    if (second.done !== true) yield second.value;
    yield* records;
  }
  yield* jsonList(all(), { isPretty });
}
