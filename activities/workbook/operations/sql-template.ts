import type { ArgumentsOf } from '../../../job-types/fields/workbook/operations.js';
import { StepFailure } from '../../frame/step-failure.js';
import { cellText } from '../cell-text.js';
import { placeIn, placesOf } from '../columns.js';
import { counted, distinct, formulaNotes } from '../counted.js';
import type { OperationContext } from '../operation.js';
import { writeOutput } from '../output.js';
import { openTable } from '../reading.js';
import { type Database, idExpression, sqlLiteral, sqlText } from '../sql-literal.js';
import { pick, type Row, type Table } from '../table.js';
import { inPieces } from '../writing.js';

type Wanted = ArgumentsOf<'sql/generate-custom-to-text'>;

/** A piece of a template: SQL as it stands, or what a row fills in. */
type Piece = (row: Row, number: number) => string;

const placeholder = /\{([^{}]{1,255})\}/g;

/** Comments, texts and names in quotes, a quote that is never closed, and all else. */
const tokens = (database: Database) =>
  database === 'mysql'
    ? /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S])*"|`[^`]*`|['"`]|[^-/'"`]+|[-/]/g
    : /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|['"]|[^-/'"]+|[-/]/g;

export async function sqlByTemplate(wanted: Wanted, context: OperationContext) {
  const table = await openTable(context.input, context);
  const pieces = piecesOf(wanted, table);
  const only = wanted.columns.length > 0 ? placesOf(wanted.columns, table.columns) : null;
  const { rows, count } = counted(wanted.remove_duplicates ? firsts(table, only) : table.rows());
  const start = wanted.auto_increment?.start_value ?? 1;
  async function* statements(): AsyncGenerator<string> {
    for await (const row of rows) {
      const number = start + count() - 1;
      yield `${pieces.map((piece) => piece(row, number)).join('')}\n`;
    }
  }
  const file = await writeOutput(context, { suffix: '_sql', format: 'sql', pieces: inPieces(statements()) });
  return { file, isNext: true, rows: count(), notes: formulaNotes(table) };
}

/** Whole rows, of which the columns named are not the same as those of one before. */
async function* firsts(table: Table, places: number[] | null): AsyncGenerator<Row> {
  if (places === null) {
    yield* distinct(table.rows());
    return;
  }
  const seen = new Set<string>();
  for await (const row of table.rows()) {
    const key = JSON.stringify(pick(row, places).values);
    if (seen.has(key)) continue;
    seen.add(key);
    yield row;
  }
}

function piecesOf({ template, database_type: database, ...wanted }: Wanted, table: Table): Piece[] {
  return (template.match(tokens(database)) ?? []).flatMap((token) => {
    if (["'", '"', '`'].includes(token)) throw refused('has a quote that is never closed');
    if (!/\{[^{}]+\}/.test(token)) return [() => token];
    if (token.startsWith('--') || token.startsWith('/*')) throw refused('has a {name} in a comment');
    if (token.startsWith('"') || token.startsWith('`'))
      throw refused('has a {name} in the name of a table or column');
    return filled(token, { database, wanted, table });
  });
}

interface Filling {
  database: Database;
  wanted: Pick<Wanted, 'column_mapping' | 'auto_increment'>;
  table: Table;
}

/** A text in quotes of which all is one {name} is the value itself, so that an empty cell becomes NULL. */
function filled(token: string, filling: Filling): Piece[] {
  const alone = /^'\{([^{}]{1,255})\}'$/.exec(token)?.[1];
  if (alone !== undefined) return [valueOf(alone, { ...filling, isQuoted: false })];
  const isQuoted = token.startsWith("'");
  return token.split(placeholder).map((part, place): Piece => {
    return place % 2 === 0 ? () => part : valueOf(part, { ...filling, isQuoted });
  });
}

function valueOf(
  name: string,
  { database, wanted, table, isQuoted }: Filling & { isQuoted: boolean },
): Piece {
  const { auto_increment: own, column_mapping: mapping } = wanted;
  if (name === 'auto_id' && own?.enabled) {
    return own.increment_type === 'uuid_generate' && !isQuoted
      ? () => idExpression[database]
      : (_, number) => String(number);
  }
  if (name === 'current_timestamp' && !isQuoted && !Object.hasOwn(mapping, name))
    return () => 'CURRENT_TIMESTAMP';
  const place = placeIn(Object.hasOwn(mapping, name) ? mapping[name]! : name, table.columns);
  return ({ values, formats }) => {
    const value = values[place] ?? null;
    const format = formats?.[place];
    return isQuoted ? sqlText(cellText(value, format), database) : sqlLiteral(value, { database, format });
  };
}

const refused = (what: string) => new StepFailure('operation-refused', `The template ${what}.`);
