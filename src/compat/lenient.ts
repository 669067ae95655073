import { z } from 'zod';

/** Without what no database takes: NUL, and half of a surrogate pair. */
const storable = (text: string): string => text.replaceAll('\0', '').toWellFormed();

/** A text that has to be there, and may be empty. */
export const requiredText = z.string().transform(storable);

/** Null counts as absent, and what is absent is empty. */
export const text = z
  .string()
  .nullish()
  .transform((given) => storable(given ?? ''));

/** A list that may be absent or null, as may its entries. */
export const listOf = <Entry extends z.ZodType>(entry: Entry) =>
  z
    .array(entry.nullable())
    .nullish()
    .transform((given) => (given ?? []).filter((one): one is z.output<Entry> & {} => one !== null));

/** A whole number, which Python's validation also takes as the text of one. */
export const wholeNumber = z
  .union([z.int(), z.string().regex(/^\s*-?\d{1,18}\s*$/, 'not a whole number')])
  .transform(Number);
