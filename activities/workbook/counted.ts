import { StepFailure } from '../frame/step-failure.js';
import { Held } from './held/held.js';
import { Seen } from './held/seen.js';
import { pick, type Row, type Table } from './table.js';

export interface Counted {
  rows: AsyncIterable<Row>;
  /** Those that came through so far. */
  count: () => number;
}

/** Characters of a row that is written. A text that many cells share is written as often as it is there. */
const longestRow = 8_000_000;

/**
 * Counts rows as they pass.
 * @throws {StepFailure} file-beyond-limit, for a row that is too long to be written
 */
export function counted(source: AsyncIterable<Row>): Counted {
  let count = 0;
  async function* rows(): AsyncGenerator<Row> {
    for await (const row of source) {
      count += 1;
      if (lengthOf(row) > longestRow) throw tooLong(count);
      yield row;
    }
  }
  return { rows: rows(), count: () => count };
}

function lengthOf({ values }: Row): number {
  let length = 0;
  for (const value of values) if (typeof value === 'string') length += value.length;
  return length;
}

const tooLong = (row: number): StepFailure =>
  new StepFailure(
    'file-beyond-limit',
    `Row ${row} of the output would have more than ${longestRow} characters.`,
  );

/**
 * Rows that are not the same as one before, by all columns or by those named.
 * @throws {StepFailure} file-beyond-limit
 */
export async function* distinct(
  source: AsyncIterable<Row>,
  places: readonly number[] | null = null,
): AsyncGenerator<Row> {
  const seen = new Seen(new Held());
  for await (const row of source) {
    const { values } = places === null ? row : pick(row, places);
    if (seen.add(JSON.stringify(values))) yield row;
  }
}

/** What is told of formulas that nobody has calculated: their cells count as empty. */
export function formulaNotes(table: Table): string[] {
  const count = table.uncalculated();
  if (count === 0) return [];
  return [
    `${count} formulas have no stored value and count as empty. Open the workbook in Excel, save it, and upload it again.`,
  ];
}
