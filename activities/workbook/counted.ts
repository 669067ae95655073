import type { Row, Table } from './table.js';

export interface Counted {
  rows: AsyncIterable<Row>;
  /** Those that came through so far. */
  count: () => number;
}

/** Counts rows as they pass. */
export function counted(source: AsyncIterable<Row>): Counted {
  let count = 0;
  async function* rows(): AsyncGenerator<Row> {
    for await (const row of source) {
      count += 1;
      yield row;
    }
  }
  return { rows: rows(), count: () => count };
}

/** Rows that are not the same as one before. Takes memory for each row that differs. */
export async function* distinct(source: AsyncIterable<Row>): AsyncGenerator<Row> {
  const seen = new Set<string>();
  for await (const row of source) {
    const key = JSON.stringify(row.values);
    if (seen.has(key)) continue;
    seen.add(key);
    yield row;
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
