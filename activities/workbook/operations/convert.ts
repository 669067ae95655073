import type { ArgumentsOf } from '../../../job-types/fields/workbook/operations.js';
import { counted, formulaNotes } from '../counted.js';
import type { OperationContext } from '../operation.js';
import { writeTable } from '../output.js';
import { openTable } from '../reading.js';

export async function convertToExcel(
  { sheet_name: sheet }: ArgumentsOf<'csv/convert-to-excel'>,
  context: OperationContext,
) {
  const table = await openTable(context.input, context);
  const { rows, count } = counted(table.rows());
  const from = { ...table, sheet };
  const file = await writeTable(context, { from, columns: table.columns, rows, suffix: '', format: 'xlsx' });
  return { file, isNext: true, rows: count(), notes: formulaNotes(table) };
}
