import { z } from 'zod';
import { StorableText } from '../storable-text.js';
import { withAliases } from './aliases.js';

/** What Excel takes for the name of a sheet. */
export const SheetName = StorableText.min(1, 'is empty')
  .max(31, 'has more than 31 characters')
  .refine((name) => !/[[\]:*?/\\]/.test(name), String.raw`has one of [ ] : * ? / \ in it`)
  .refine((name) => !/^'|'$/.test(name), 'begins or ends with an apostrophe');

export const ConvertToExcel = withAliases(
  { name: 'sheet_name' },
  z.strictObject({
    sheet_name: SheetName.default('Sheet1').meta({ description: 'What the sheet is called' }),
  }),
);
