import { sql } from 'kysely';
import type { OwnerEvent } from '../job-types/contract/event.js';
import type { Database } from './database.js';
import { toEvent } from './events.js';

/**
 * The states of all jobs of an owner in one line, numbered from 1 without gaps, in the order in which entries become
 * visible. `append_events` writes it, in the transaction that adds to the log of the job.
 */
export function createFeeds(db: Database) {
  return {
    async list(owner: string, options: { after: number; limit: number }): Promise<OwnerEvent[]> {
      const rows = await db
        .selectFrom('owner_events as fed')
        .innerJoin('events', (join) =>
          join.onRef('events.job_id', '=', 'fed.job_id').onRef('events.seq', '=', 'fed.event_seq'),
        )
        .innerJoin('event_logs as log', 'log.job_id', 'fed.job_id')
        .selectAll('events')
        .select(['fed.seq as feedSeq', 'log.type as jobType', 'log.subject'])
        .where('fed.owner', '=', owner)
        .where(sql<boolean>`fed.seq > ${options.after}`)
        .orderBy('fed.seq')
        .limit(options.limit)
        .execute();
      return rows.map(({ feedSeq, jobType, subject, ...event }) => ({
        seq: Number(feedSeq),
        job: event.job_id,
        jobType: jobType ?? '',
        subject,
        event: toEvent(event),
      }));
    },

    /** The newest number of each feed in one query; 0 for a feed that has no entry yet. */
    async heads(owners: readonly string[]): Promise<Map<string, number>> {
      const rows = await db
        .selectFrom('owner_feeds')
        .select(['owner', 'last_seq'])
        .where(sql<boolean>`owner = any(${owners})`)
        .execute();
      const found = new Map(rows.map((row) => [row.owner, Number(row.last_seq)]));
      return new Map(owners.map((owner) => [owner, found.get(owner) ?? 0]));
    },
  };
}

export type Feeds = ReturnType<typeof createFeeds>;
