import type { ArgumentsOf } from '../../../job-types/fields/workbook/operations.js';
import { cellText, plainValue } from '../cell-text.js';
import { placesOf } from '../columns.js';
import { counted, distinct, formulaNotes } from '../counted.js';
import { Held } from '../held/held.js';
import { Seen } from '../held/seen.js';
import type { OperationContext } from '../operation.js';
import { writeOutput, writeTable } from '../output.js';
import { openTable } from '../reading.js';
import { type CellValue, pick, type Row, type Table } from '../table.js';

interface Wanted {
  columns: string[];
  remove_duplicates: boolean;
}

/** @throws {StepFailure} column-missing */
async function chosen(context: OperationContext, { columns, remove_duplicates }: Wanted) {
  const table = await openTable(context.input, context);
  const places = placesOf(columns, table.columns);
  const { rows, count } = counted(
    remove_duplicates ? distinct(picked(table, places)) : picked(table, places),
  );
  return { table, rows, count, names: places.map((place) => table.columns[place]!) };
}

export async function* picked(table: Table, places: readonly number[]): AsyncGenerator<Row> {
  for await (const row of table.rows()) yield pick(row, places);
}

export async function extractToFile(
  wanted: ArgumentsOf<'excel/extract-columns-to-file'>,
  context: OperationContext,
) {
  const { table, rows, count, names } = await chosen(context, wanted);
  const file = await writeTable(context, {
    from: table,
    columns: names,
    rows,
    suffix: '_extracted',
    format: 'xlsx',
  });
  return { file, isNext: true, rows: count(), notes: formulaNotes(table) };
}

/** What is told of a column besides its values. */
class Statistics {
  private readonly values: Seen;
  private empty = 0;
  private count = 0;
  private isExact = true;

  constructor(held: Held) {
    this.values = new Seen(held);
  }

  add(value: CellValue): void {
    this.count += 1;
    if (value === null) this.empty += 1;
    else if (this.values.hasRoom) this.values.add(JSON.stringify(value));
    else this.isExact = false;
  }

  /** How many are different is not told where nobody could remember them all. */
  get told() {
    return { total: this.count, empty: this.empty, different: this.isExact ? this.values.size : null };
  }
}

export async function extractData(wanted: ArgumentsOf<'excel/extract-columns'>, context: OperationContext) {
  const { table, rows, count, names } = await chosen(context, wanted);
  const held = new Held();
  const statistics = names.map(() => new Statistics(held));
  async function* pieces(): AsyncGenerator<string> {
    yield `{"columns":${JSON.stringify(names)},"rows":[`;
    for await (const { values, formats } of rows) {
      if (wanted.include_statistics) {
        for (const [place, of] of statistics.entries()) of.add(values[place] ?? null);
      }
      const plain = values.map((value, place) => plainValue(value, formats?.[place]));
      yield `${count() === 1 ? '' : ','}\n${JSON.stringify(plain)}`;
    }
    const told = Object.fromEntries(names.map((name, place) => [name, statistics[place]!.told]));
    yield `\n]${wanted.include_statistics ? `,"statistics":${JSON.stringify(told)}` : ''}}\n`;
  }
  const file = await writeOutput(context, { suffix: '_data', format: 'json', pieces: pieces() });
  const notes = wanted.include_statistics
    ? names.map((name, place) => sentence(name, statistics[place]!))
    : [];
  return { file, isNext: false, rows: count(), notes: [...notes, ...formulaNotes(table)] };
}

const sentence = (name: string, { told }: Statistics): string =>
  `${cellText(name)}: ${told.total} values, ${told.different ?? 'too many'} different, ${told.empty} empty.`;
