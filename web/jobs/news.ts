import type { JobSummary, OwnerEvent } from '../../client/index.js';
import type { ListSearch } from './filters.js';

type Wanted = Pick<ListSearch, 'status' | 'type'>;

const wantsOpen = ({ status }: Wanted): boolean => status === undefined || status === 'active';

/** Whether a word about a job that the list does not show says that it belongs there from now on. */
export function isNews({ event, jobType }: OwnerEvent, wanted: Wanted): boolean {
  if (wanted.type !== undefined && wanted.type !== jobType) return false;
  // Every other word of an open job may be about one of another page.
  return wantsOpen(wanted) ? event.seq === 1 : event.type === `job.${wanted.status}`;
}

/** What a list that is shown does not have. */
export function unknownIn(items: readonly JobSummary[], shown: readonly JobSummary[]): JobSummary[] {
  const known = new Set(shown.map(({ id }) => id));
  return items.filter(({ id }) => !known.has(id));
}

/** Of a list that was read anew, what came since the one that is shown. */
export function newer(
  items: readonly JobSummary[],
  { shown, wanted }: { shown: readonly JobSummary[]; wanted: Wanted },
): string[] {
  const momentOf = ({ createdAt, finishedAt }: JobSummary) =>
    Date.parse(wantsOpen(wanted) ? createdAt : (finishedAt ?? createdAt));
  const last = Math.max(-Infinity, ...shown.map(momentOf));
  // What has moved up from another page is older.
  return unknownIn(items, shown)
    .filter((item) => momentOf(item) >= last)
    .map(({ id }) => id);
}

/** Jobs by status, after one more word of the feed. Null stays null: nobody has counted. */
export function recounted(
  counts: Record<string, number> | null,
  { event, known }: { event: OwnerEvent['event']; known: boolean },
): Record<string, number> | null {
  if (counts === null) return null;
  const active = counts['active'] ?? 0;
  const status = event.type.replace('job.', '');
  if (finals.has(status)) {
    return { ...counts, active: Math.max(0, active - 1), [status]: (counts[status] ?? 0) + 1 };
  }
  return event.seq === 1 && !known ? { ...counts, active: active + 1 } : counts;
}

const finals: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled', 'terminated', 'timed_out']);
