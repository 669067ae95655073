import type { AutoIncrement } from '../../../job-types/fields/workbook/sql.js';
import type { ArgumentsOf } from '../../../job-types/fields/workbook/operations.js';
import { mappedColumns } from '../../../job-types/fields/workbook/mapped-columns.js';
import { StepFailure } from '../../frame/step-failure.js';
import { placesOf, placesOrAll } from '../columns.js';
import { counted, distinct, formulaNotes } from '../counted.js';
import type { OperationContext } from '../operation.js';
import { writeOutput } from '../output.js';
import { openTable } from '../reading.js';
import { type Database, idExpression, sqlLiteral, sqlName } from '../sql-literal.js';
import type { Row, Table } from '../table.js';
import { inPieces } from '../writing.js';
import { picked } from './extract.js';
import { sqlByTemplate } from './sql-template.js';

type Wanted = ArgumentsOf<'sql/generate-to-text'>;

/** The columns that go into the table, under the names that they have there. */
export function sqlColumns(
  { columns, column_mapping: mapping }: Pick<Wanted, 'columns' | 'column_mapping'>,
  table: Table,
) {
  const places = placesOrAll(columns, table.columns);
  if (Object.keys(mapping).length === 0) {
    return { places, names: places.map((place) => table.columns[place]!) };
  }
  const pairs = mappedColumns(mapping, table.columns);
  const sources = placesOf(
    pairs.map(({ source }) => source),
    table.columns,
  );
  const unnamed = columns.length === 0 ? [] : places.filter((place) => !sources.includes(place));
  return {
    places: [...sources, ...unnamed],
    names: [...pairs.map(({ name }) => name), ...unnamed.map((place) => table.columns[place]!)],
  };
}

export async function generateSql(wanted: ArgumentsOf<'sql/generate'>, context: OperationContext) {
  const { template, ...rest } = wanted;
  return template ? sqlByTemplate({ ...rest, template }, context) : insertStatements(wanted, context);
}

export async function insertStatements(wanted: Wanted, context: OperationContext) {
  const table = await openTable(context.input, context);
  const { places, names } = sqlColumns(wanted, table);
  const all = picked(table, places);
  const { rows, count } = counted(wanted.remove_duplicates ? distinct(all) : all);
  const pieces = inPieces(statements({ wanted, names }, rows));
  const file = await writeOutput(context, { suffix: '_sql', format: 'sql', pieces });
  return { file, isNext: true, rows: count(), notes: formulaNotes(table) };
}

async function* statements(
  { wanted, names }: { wanted: Wanted; names: string[] },
  rows: AsyncIterable<Row>,
): AsyncGenerator<string> {
  const {
    database_type: database,
    table_name: name,
    batch_size: size,
    include_transaction: isWhole,
  } = wanted;
  const own = numbering(wanted.auto_increment, database);
  const columns = own ? [own.name, ...names] : names;
  const twice = columns.find((column, place) => columns.indexOf(column) !== place);
  if (twice !== undefined) {
    throw new StepFailure('operation-refused', `The table would have two columns "${twice}".`);
  }
  const into = `INSERT INTO ${sqlName(name, database)} (${columns.map((one) => sqlName(one, database)).join(', ')}) VALUES\n`;
  if (isWhole) yield database === 'mysql' ? 'START TRANSACTION;\n' : 'BEGIN;\n';
  let inBatch = 0;
  for await (const { values, formats } of rows) {
    const literals = values.map((value, place) => sqlLiteral(value, { database, format: formats?.[place] }));
    if (own) literals.unshift(own.next());
    yield inBatch === 0 ? into : ',\n';
    yield `  (${literals.join(', ')})`;
    inBatch += 1;
    if (inBatch === size) {
      yield ';\n';
      inBatch = 0;
    }
  }
  if (inBatch > 0) yield ';\n';
  if (isWhole) yield 'COMMIT;\n';
}

/** A column that is written out; none where the database numbers the rows itself. */
function numbering(wanted: AutoIncrement, database: Database): { name: string; next: () => string } | null {
  if (!wanted?.enabled) return null;
  const { column_name: name, increment_type: type, start_value: start } = wanted;
  if (type === 'uuid_generate') return { name, next: () => idExpression[database] };
  if (type !== 'manual_sequence') return null;
  let number = start - 1;
  return { name, next: () => String((number += 1)) };
}
