import type { JobFilters } from '../api/queries.js';

export const statuses = [
  'active',
  'waiting',
  'succeeded',
  'failed',
  'cancelled',
  'terminated',
  'timed_out',
] as const;

/** What of the list is wanted, as the address bar says it. */
export interface ListSearch {
  status?: (typeof statuses)[number] | undefined;
  type?: string | undefined;
  tag?: string | undefined;
  page?: string | undefined;
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
});

export const pageSize = 50;

export function toFilters({ status, type, tag, page }: ListSearch): JobFilters {
  return {
    pageSize,
    counts: 'true',
    ...(status && { status }),
    ...(type && { type: type as NonNullable<JobFilters['type']> }),
    ...(tag && { tag }),
    ...(page && { pageToken: page }),
  };
}
