import { plainValue } from './cell-text.js';
import type { Row } from './table.js';
import { inPieces } from './writing.js';

export interface JsonOutput {
  columns: readonly string[];
  rows: AsyncIterable<Row>;
}

/** A list of objects, one a line. */
export const jsonRows = ({ columns, rows }: JsonOutput): AsyncIterable<string> =>
  jsonList(records({ columns, rows }), { isPretty: false });

async function* records({ columns, rows }: JsonOutput): AsyncGenerator<unknown> {
  for await (const { values, formats } of rows) {
    yield Object.fromEntries(
      columns.map((name, place) => [name, plainValue(values[place] ?? null, formats?.[place])]),
    );
  }
}

export interface ListForm {
  isPretty: boolean;
  /** What stands around it, instead of nothing. */
  before?: string;
  /** Asked once all are written. */
  after?: () => string;
}

export const jsonList = (values: AsyncIterable<unknown>, form: ListForm): AsyncIterable<string> =>
  inPieces(list(values, form));

async function* list(
  values: AsyncIterable<unknown>,
  { isPretty, before = '', after = () => '' }: ListForm,
): AsyncGenerator<string> {
  let separator = `${before}[\n`;
  for await (const value of values) {
    yield separator;
    yield isPretty ? JSON.stringify(value, null, 2).replace(/^/gm, '  ') : JSON.stringify(value);
    separator = ',\n';
  }
  yield separator === ',\n' ? `\n]${after()}\n` : `${before}[]${after()}\n`;
}
