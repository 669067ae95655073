import type { ArgumentsOf } from '../../job-types/fields/workbook/operations.js';
import { plainValue } from './cell-text.js';
import type { CellValue } from './table.js';

export type Database = ArgumentsOf<'sql/generate'>['database_type'];

/** A name between quotes, so that it may be any text. */
export function sqlName(name: string, database: Database): string {
  const quote = database === 'mysql' ? '`' : '"';
  return `${quote}${name.replaceAll('\0', '').replaceAll(quote, quote + quote)}${quote}`;
}

/** What stands inside a text of SQL. No text ends it: only a quote could, and MySQL knows the backslash too. */
export function sqlText(text: string, database: Database): string {
  const doubled = text.replaceAll('\0', '').replaceAll("'", "''");
  return database === 'mysql' ? doubled.replaceAll('\\', '\\\\') : doubled;
}

export interface LiteralForm {
  database: Database;
  format?: string | undefined;
}

/** A cell as SQL writes it. Days are texts in ISO 8601, which all three take for a date. */
export function sqlLiteral(cell: CellValue, { database, format }: LiteralForm): string {
  const value = plainValue(cell, format);
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean')
    return database === 'sqlite' ? String(Number(value)) : String(value).toUpperCase();
  return `'${sqlText(value, database)}'`;
}

/** An id that the database makes for each row. */
export const idExpression: Readonly<Record<Database, string>> = {
  postgresql: 'gen_random_uuid()',
  mysql: 'UUID()',
  sqlite: 'lower(hex(randomblob(16)))',
};
