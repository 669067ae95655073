import type { JobFilters } from '../api/queries.js';
import { type ColumnName, toColumns } from './columns.js';

export const statuses = [
  'active',
  'waiting',
  'succeeded',
  'failed',
  'cancelled',
  'terminated',
  'timed_out',
] as const;

/** As many rows as a page of the list can have. More than the API gives at once are read in parts. */
export const sizes = [50, 200, 1_000] as const;

/** What of the list is wanted, as the address bar says it. */
export interface ListSearch {
  status?: (typeof statuses)[number] | undefined;
  type?: string | undefined;
  tag?: string | undefined;
  page?: string | undefined;
  size?: (typeof sizes)[number] | undefined;
  /** Names between commas; those of `usualColumns` where nothing is said. */
  columns?: string | undefined;
}

const text = (value: unknown): string | undefined =>
  // The router takes what reads like a number for one.
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined;

/** What somebody has typed there and nothing can make of is passed over. */
export const toListSearch = (search: Record<string, unknown>): ListSearch => ({
  status: statuses.find((status) => status === search['status']),
  type: text(search['type']),
  tag: text(search['tag']),
  page: text(search['page']),
  size: sizes.find((size) => size !== sizes[0] && size === Number(search['size'])),
  columns: text(search['columns']),
});

export const columnsOf = ({ columns }: ListSearch): readonly ColumnName[] => toColumns(columns);

export function toFilters({ status, type, tag, page, size = sizes[0] }: ListSearch): JobFilters {
  return {
    pageSize: size,
    counts: 'true',
    ...(status && { status }),
    ...(type && { type: type as NonNullable<JobFilters['type']> }),
    ...(tag && { tag }),
    ...(page && { pageToken: page }),
  };
}
