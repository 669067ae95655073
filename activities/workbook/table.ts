/** What a cell holds. A date is the number of its day, and its format says so. Empty is null. */
export type CellValue = string | number | boolean | null;

export interface Row {
  values: CellValue[];
  /** Number formats of Excel, where a cell has one that is not the general one. */
  formats?: (string | undefined)[] | undefined;
}

/** The first sheet of a workbook, a CSV file or a list of JSON, read row by row. */
export interface Table {
  kind: 'xlsx' | 'csv' | 'json';
  /** As the first row has them; what has no name, or the name of another, gets one. */
  columns: string[];
  /** What the sheet is called. */
  sheet: string;
  /** Of a CSV file. */
  delimiter: string;
  /** Whether a CSV file began with a byte order mark. */
  hasMark: boolean;
  /** Those below the first one that hold anything. May be read several times, one reading at a time. */
  rows(): AsyncIterable<Row>;
  /** Formulas of the last reading that have no stored value, and count as empty. */
  uncalculated(): number;
}

/** The same row with these columns alone. */
export function pick({ values, formats }: Row, places: readonly number[]): Row {
  const picked: Row = { values: places.map((place) => values[place] ?? null) };
  if (formats) picked.formats = places.map((place) => formats[place]);
  return picked;
}
