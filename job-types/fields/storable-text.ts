import { z } from 'zod';

/** A text that the database and Temporal's search take as it is: neither knows NUL, and half a surrogate pair comes back as something else. */
export const StorableText = z
  .string()
  .refine(
    (text) => !text.includes('\0') && text.isWellFormed(),
    'holds NUL or half a surrogate pair, which cannot be stored',
  );
