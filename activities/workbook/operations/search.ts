import type { ArgumentsOf } from '../../../job-types/fields/workbook/operations.js';
import { placeIn } from '../columns.js';
import { counted, formulaNotes } from '../counted.js';
import { jsonRows } from '../json-writing.js';
import type { OperationContext } from '../operation.js';
import { writeOutput, writeTable } from '../output.js';
import { openTable } from '../reading.js';
import type { Row } from '../table.js';
import { conditionTest } from './condition.js';

export async function search(wanted: ArgumentsOf<'excel/search' | 'csv/search'>, context: OperationContext) {
  const { conditions, logic, output_format: format } = wanted;
  const table = await openTable(context.input, context);
  const { columns } = table;
  const tests = conditions.map((condition) => {
    const place = placeIn(condition.column, columns);
    const test = conditionTest(condition);
    return ({ values, formats }: Row) => test(values[place] ?? null, formats?.[place]);
  });
  const isKept = (row: Row) =>
    logic === 'AND' ? tests.every((test) => test(row)) : tests.some((test) => test(row));
  let total = 0;
  async function* found(): AsyncGenerator<Row> {
    for await (const row of table.rows()) {
      total += 1;
      if (isKept(row)) yield row;
    }
  }
  const { rows, count } = counted(found());
  const suffix = '_found';
  const file =
    format === 'json'
      ? await writeOutput(context, { suffix, format, pieces: jsonRows({ columns, rows }) })
      : await writeTable(context, { from: table, columns, rows, suffix, format });
  const notes = [`${count()} of ${total} rows meet the conditions.`, ...formulaNotes(table)];
  return { file, isNext: true, rows: count(), notes };
}
