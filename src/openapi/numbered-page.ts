import { z } from 'zod';

/** The fields of a query for a list whose rows have numbers. */
export const pageFields = {
  pageSize: z.coerce.number().int().min(1).max(200).default(50),
  pageToken: z
    .string()
    .regex(/^[1-9][0-9]{0,17}$/, 'not a token this list gave out')
    .optional()
    .meta({ description: 'nextPageToken of the page before' }),
};

/** @param rows one more than a page has, if there are so many: only then another page follows */
export function toPage<Row extends { id: string }>(
  rows: readonly Row[],
  pageSize: number,
): { items: Row[]; nextPageToken: string | null } {
  const items = rows.slice(0, pageSize);
  return { items, nextPageToken: rows.length > pageSize ? (items.at(-1)?.id ?? null) : null };
}
