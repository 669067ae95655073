import type { ArgumentsOf } from '../../../job-types/fields/workbook/operations.js';
import { StepFailure } from '../../frame/step-failure.js';
import { cellText } from '../cell-text.js';
import { placeIn, placesOf } from '../columns.js';
import { counted, distinct, formulaNotes } from '../counted.js';
import type { OperationContext } from '../operation.js';
import { writeOutput } from '../output.js';
import { openTable } from '../reading.js';
import { type Database, idExpression, sqlLiteral, sqlText } from '../sql-literal.js';
import { refused, type SqlToken, sqlTokens } from '../sql-tokens.js';
import type { Row, Table } from '../table.js';
import { inPieces } from '../writing.js';

type Wanted = ArgumentsOf<'sql/generate-custom-to-text'>;

/** A piece of a template: SQL as it stands, or what a row fills in. */
type Piece = (row: Row, number: number) => string;

const placeholder = /\{([^{}]{1,255})\}/g;

/** Characters of a statement, of which a template may make a hundred times as many as a row has. */
const longestStatement = 8_000_000;

export async function sqlByTemplate(wanted: Wanted, context: OperationContext) {
  const table = await openTable(context.input, context);
  const pieces = piecesOf(wanted, table);
  const only = wanted.columns.length > 0 ? placesOf(wanted.columns, table.columns) : null;
  const { rows, count } = counted(wanted.remove_duplicates ? distinct(table.rows(), only) : table.rows());
  const start = wanted.auto_increment?.start_value ?? 1;
  async function* statements(): AsyncGenerator<string> {
    for await (const row of rows) {
      const number = start + count() - 1;
      yield statementOf(pieces.map((piece) => piece(row, number)));
    }
  }
  const file = await writeOutput(context, { suffix: '_sql', format: 'sql', pieces: inPieces(statements()) });
  return { file, isNext: true, rows: count(), notes: formulaNotes(table) };
}

/** @throws {StepFailure} file-beyond-limit */
function statementOf(texts: readonly string[]): string {
  if (texts.reduce((length, text) => length + text.length, 0) > longestStatement) {
    const detail = `A statement would have more than ${longestStatement} characters.`;
    throw new StepFailure('file-beyond-limit', detail);
  }
  return `${texts.join('')}\n`;
}

function piecesOf({ template, database_type: database, ...wanted }: Wanted, table: Table): Piece[] {
  const tokens = sqlTokens(template, database);
  return tokens.flatMap((token, place): Piece[] => {
    const { kind, text } = token;
    if (kind === 'sql' || kind === 'space' || !/\{[^{}]+\}/.test(text)) return [() => text];
    const filling = { database, wanted, table };
    // A text in quotes of which all is one {name} is the value itself, so that an empty cell becomes NULL.
    const alone = /^(?:\{([^{}]+)\}|'\{([^{}]+)\}')$/.exec(
      kind === 'placeholder' || kind === 'text' ? text : '',
    );
    const name = alone?.[1] ?? alone?.[2];
    if (name !== undefined) {
      const [before = '', after = ''] = [tokens[place - 1]?.text, tokens[place + 1]?.text];
      if (!isOwnNumber(name, wanted)) refuseTouching(before, after);
      const value = valueOf(name, { ...filling, isQuoted: false });
      return [before.endsWith('-') ? apart(value) : value];
    }
    const where = noPlaces[kind];
    if (where) throw refused(`has a {name} in ${where}`);
    return filled(text, filling);
  });
}

/** Where no value can be written so that it cannot get out. */
const noPlaces: Partial<Record<SqlToken['kind'], string>> = {
  comment: 'a comment',
  name: 'the name of a table or column',
  'marked text': 'a text with a letter or $$ before it',
};

/** With a word, a quote or another value right beside it, a value would be a part of that. */
function refuseTouching(before: string, after: string): void {
  if (/[\w$&:@'"`}\]\u0080-\uffff]$/.test(before) || /^[\w$'"`{\u0080-\uffff]/.test(after)) {
    throw refused('has a {name} right beside a word, a quote or another {name}; put a space there');
  }
}

/** A minus and a negative number would begin a comment. */
const apart =
  (piece: Piece): Piece =>
  (row, number) => {
    const text = piece(row, number);
    return text.startsWith('-') ? `(${text})` : text;
  };

interface Filling {
  database: Database;
  wanted: Pick<Wanted, 'column_mapping' | 'auto_increment'>;
  table: Table;
}

/** A text in quotes, of which values become parts. */
function filled(token: string, filling: Filling): Piece[] {
  const parts = token.split(placeholder);
  return parts.map((part, place): Piece => {
    if (place % 2 === 0) return () => part;
    if (filling.database === 'mysql' && /(?<!\\)(?:\\\\)*\\$/.test(parts[place - 1]!)) {
      throw refused('has a {name} right behind a backslash');
    }
    return valueOf(part, { ...filling, isQuoted: true });
  });
}

function valueOf(
  name: string,
  { database, wanted, table, isQuoted }: Filling & { isQuoted: boolean },
): Piece {
  const { column_mapping: mapping } = wanted;
  if (isOwnNumber(name, wanted) || (isQuoted && isOwn(name, wanted))) return (_, number) => String(number);
  if (isOwn(name, wanted)) return () => idExpression[database];
  if (name === 'current_timestamp' && !isQuoted && !Object.hasOwn(mapping, name))
    return () => 'CURRENT_TIMESTAMP';
  const place = placeIn(Object.hasOwn(mapping, name) ? mapping[name]! : name, table.columns);
  return ({ values, formats }) => {
    const value = values[place] ?? null;
    const format = formats?.[place];
    return isQuoted ? sqlText(cellText(value, format), database) : sqlLiteral(value, { database, format });
  };
}

const isOwn = (name: string, { auto_increment: own }: Filling['wanted']): boolean =>
  name === 'auto_id' && own?.enabled === true;

const isOwnNumber = (name: string, wanted: Filling['wanted']): boolean =>
  isOwn(name, wanted) && wanted.auto_increment?.increment_type !== 'uuid_generate';
