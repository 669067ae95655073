import type { JobEvent, OwnerEvent } from '../../job-types/contract/event.js';
import { finalStatuses } from '../../job-types/contract/job.js';
import type { Events } from '../../store/events.js';
import type { Feeds } from '../../store/feeds.js';
import type { FeedEntry, FeedSource } from './event-feed.js';

/** The log of one job: the job tells how it ended, then its run closes. */
export const jobLog = (events: Pick<Events, 'heads' | 'list'>, jobId: string): FeedSource => ({
  head: async () => (await events.heads([jobId])).get(jobId)?.lastSeq ?? 0,
  list: async (options) => (await events.list(jobId, options)).map(toEntry),
});

/** The states of all jobs of one owner. It has no end. */
export const ownerFeed = (feeds: Pick<Feeds, 'heads' | 'list'>, owner: string): FeedSource => ({
  head: async () => (await feeds.heads([owner])).get(owner) ?? 0,
  list: async (options) => (await feeds.list(owner, options)).map(toFeedEntry),
});

const closingTypes: ReadonlySet<JobEvent['type']> = new Set(
  finalStatuses.map((status) => `job.${status}` as const),
);

function toEntry(event: JobEvent): FeedEntry {
  const { seq, type } = event;
  const entry = { seq, type, json: JSON.stringify(event) };
  if (type === 'end') return { ...entry, stage: 'last' };
  return closingTypes.has(type) ? { ...entry, stage: 'closing' } : entry;
}

const toFeedEntry = (entry: OwnerEvent): FeedEntry => ({
  seq: entry.seq,
  type: entry.event.type,
  json: JSON.stringify(entry),
});
