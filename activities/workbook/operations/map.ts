import type { ArgumentsOf } from '../../../job-types/fields/workbook/operations.js';
import { mappedColumns } from '../../../job-types/fields/workbook/mapped-columns.js';
import { placesOf } from '../columns.js';
import { counted, formulaNotes } from '../counted.js';
import type { OperationContext } from '../operation.js';
import { writeTable } from '../output.js';
import { openTable } from '../reading.js';
import { picked } from './extract.js';

export async function mapColumns({ mapping }: ArgumentsOf<'excel/map-columns'>, context: OperationContext) {
  const table = await openTable(context.input, context);
  const pairs = mappedColumns(mapping, table.columns);
  const places = placesOf(
    pairs.map(({ source }) => source),
    table.columns,
  );
  const { rows, count } = counted(picked(table, places));
  const columns = pairs.map(({ name }) => name);
  const file = await writeTable(context, { from: table, columns, rows, suffix: '_mapped', format: 'xlsx' });
  return { file, isNext: true, rows: count(), notes: formulaNotes(table) };
}
