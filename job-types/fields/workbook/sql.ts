import { z } from 'zod';
import { StorableText } from '../storable-text.js';
import { withAliases, word } from './aliases.js';
import { ColumnName, ColumnNames, columnMapping } from './column-name.js';

/** Written between quotes, so that it may be any text that databases take for a name. */
const SqlName = StorableText.min(1, 'is empty').max(63, 'has more than 63 characters');

const increments = [
  'none',
  'postgresql_serial',
  'mysql_auto_increment',
  'sqlite_autoincrement',
  'manual_sequence',
  'uuid_generate',
] as const;

/** A number of its own for each row. */
const AutoIncrement = z
  .strictObject({
    enabled: z.boolean().default(false),
    column_name: SqlName.default('id'),
    increment_type: word(increments).default('postgresql_serial').meta({
      description:
        'manual_sequence writes the numbers out; uuid_generate writes an id; the others leave the column to the database',
    }),
    start_value: z.int().min(0).max(1_000_000_000_000).default(1),
    sequence_name: SqlName.nullish(),
  })
  .nullish();

export type AutoIncrement = z.infer<typeof AutoIncrement>;

const columns = ColumnNames;
const mapping = columnMapping(
  'From the column of the table to the column of the file; empty means all, under their names',
);
const tableName = SqlName.default('data').meta({ description: 'Which table the rows go into' });
const database = word(['postgresql', 'mysql', 'sqlite'], { postgres: 'postgresql', sqlite3: 'sqlite' })
  .default('postgresql')
  .meta({ description: 'Whose way of writing names and values' });
const template = StorableText.min(1).max(20_000).meta({
  description: 'One statement a row; {name} is the value of that column, quoted',
  example: 'INSERT INTO t VALUES ({id});',
});

const aliases = {
  table: 'table_name',
  mapping: 'column_mapping',
  database: 'database_type',
  dialect: 'database_type',
};

const rows = {
  table_name: tableName,
  columns,
  column_mapping: mapping,
  database_type: database,
  auto_increment: AutoIncrement,
  remove_duplicates: z.boolean().default(false),
  batch_size: z.int().min(1).max(10_000).default(1000).meta({ description: 'Rows a statement' }),
  include_transaction: z
    .boolean()
    .default(true)
    .meta({ description: 'Whether BEGIN and COMMIT stand around it' }),
};

export const GenerateSql = withAliases(aliases, z.strictObject({ ...rows, template: template.nullish() }));
export const GenerateSqlText = withAliases(aliases, z.strictObject(rows));

export const GenerateSqlByTemplate = withAliases(
  aliases,
  z.strictObject({
    template,
    columns: z.array(ColumnName).default([]),
    column_mapping: columnMapping(
      'From the name in the template to the column of the file; empty means all, under their names',
    ),
    database_type: database,
    auto_increment: AutoIncrement,
    remove_duplicates: rows.remove_duplicates,
  }),
);
