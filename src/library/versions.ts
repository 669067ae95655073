import { z } from 'zod';
import { pageFields } from '../openapi/numbered-page.js';

export const Version = z.coerce.number().int().min(1).max(1_000_000);

export const VersionQuery = z.strictObject({
  version: Version.optional().meta({ description: 'The latest when left out' }),
});
export type VersionQuery = z.infer<typeof VersionQuery>;

export const VersionsQuery = z.strictObject({
  pageSize: pageFields.pageSize,
  pageToken: Version.optional().meta({ description: 'nextPageToken of the page before' }),
});
export type VersionsQuery = z.infer<typeof VersionsQuery>;

export const ifMatchHeader = {
  name: 'if-match',
  required: false,
  schema: { type: 'string' },
  description: 'The ETag of the version that was read; if another has come since, nothing is changed',
};

export const etagOf = (version: number): string => `"v${version}"`;

/** Undefined where any version may be followed; one that nothing has for a tag that is none of ours. */
export function versionIn(match: string | undefined): number | undefined {
  if (match === undefined || match.trim() === '*') return undefined;
  return Number(/^(?:W\/)?"v([1-9]\d{0,8})"$/.exec(match.trim())?.[1] ?? 0);
}

/** @param rows one more than a page has, if there are so many: only then another page follows */
export function toVersionPage<Row extends { version: number }>(
  rows: readonly Row[],
  pageSize: number,
): { items: Row[]; nextPageToken: string | null } {
  const items = rows.slice(0, pageSize);
  const last = items.at(-1);
  return { items, nextPageToken: rows.length > pageSize && last ? String(last.version) : null };
}
