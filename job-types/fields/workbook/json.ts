import { z } from 'zod';
import { withAliases, word } from './aliases.js';
import { ColumnNames, columnMapping } from './column-name.js';

const prettyPrint = z.boolean().default(true).meta({ description: 'Whether it is written over many lines' });
const aliases = { mapping: 'column_mapping', pretty: 'pretty_print' };

export const GenerateJson = withAliases(
  { ...aliases, renames: 'column_mapping' },
  z.strictObject({
    columns: ColumnNames,
    column_mapping: columnMapping(
      'From the column of the file to its name in JSON; empty means all, under their names',
    ),
    null_handling: word(['include', 'exclude', 'default'])
      .default('include')
      .meta({ description: 'Of empty cells: null, nothing, or an empty text' }),
    array_wrapper: z
      .boolean()
      .default(true)
      .meta({ description: 'Whether a single row is a list too; several always are' }),
    pretty_print: prettyPrint,
  }),
);

/** Its depth is bounded by what a request may be. */
const Template = z.union([z.string().min(1).max(100_000), z.record(z.string(), z.json())]).meta({
  description:
    'What a row becomes; {name} is the value of that column, {name:int} as a number, {name|none} with a default',
});

export const GenerateJsonByTemplate = withAliases(
  aliases,
  z.strictObject({
    template: Template,
    column_mapping: columnMapping(
      'From the name in the template to the column of the file; empty means all, under their names',
    ),
    aggregation_mode: word(['array', 'single', 'nested'])
      .default('array')
      .meta({ description: 'A list; one object where there is one row; or {items, count}' }),
    pretty_print: prettyPrint,
  }),
);
