import { z } from 'zod';
import { isRecord } from '../../contract/is-record.js';
import { StorableText } from '../storable-text.js';
import { listOf, withAliases } from './aliases.js';
import { ColumnName, SomeColumns, mostColumns } from './column-name.js';

const bindFile = StorableText.min(1, 'is empty')
  .max(255)
  .refine((name) => !/[/\\]/.test(name), 'is a path; it has to be the name of a file of this conversation')
  .meta({ description: 'Name of another file of this conversation', example: 'customers.xlsx' });

/** Of the other file. Empty means all of its columns but those compared. */
const bindColumns = z.preprocess(listOf, z.array(ColumnName).max(mostColumns)).default([]).meta({
  description: 'Columns of the other file that are added; empty means all of it that are not compared',
});

const aliases = {
  file: 'bind_file',
  columns: 'bind_columns',
  columns_to_bind: 'bind_columns',
};

export const BindSingleKey = withAliases(
  { ...aliases, key_column: 'comparison_column', key: 'comparison_column' },
  z.strictObject({
    bind_file: bindFile,
    comparison_column: ColumnName.meta({ description: 'The column that both files have' }),
    bind_columns: bindColumns,
  }),
);

/** A single key is taken for a list of one. */
const manyKeys = (value: unknown): unknown => {
  if (!isRecord(value) || 'comparison_columns' in value) return value;
  const { comparison_column: one, key_column: key = one, ...rest } = value;
  return key === undefined ? value : { ...rest, comparison_columns: listOf(key) };
};

export const BindMultiKey = z.preprocess(
  manyKeys,
  withAliases(
    { ...aliases, key_columns: 'comparison_columns', keys: 'comparison_columns' },
    z.strictObject({
      bind_file: bindFile,
      comparison_columns: SomeColumns.meta({ description: 'The columns that both files have' }),
      bind_columns: bindColumns,
    }),
  ),
);
