import { z } from 'zod';
import { withAliases } from './aliases.js';
import { SomeColumns } from './column-name.js';

const removeDuplicates = z
  .boolean()
  .default(false)
  .meta({ description: 'Whether rows that are the same in these columns are kept once' });

const aliases = { column_names: 'columns', fields: 'columns', unique: 'remove_duplicates' };

/** The values alone, which the next step does not take: it takes the file that this one took. */
export const ExtractData = withAliases(
  aliases,
  z.strictObject({
    columns: SomeColumns,
    remove_duplicates: removeDuplicates,
    include_statistics: z
      .boolean()
      .default(true)
      .meta({ description: 'How many values a column has, how many of them differ, and how many are empty' }),
  }),
);

export const ExtractToFile = withAliases(
  aliases,
  z.strictObject({ columns: SomeColumns, remove_duplicates: removeDuplicates }),
);
