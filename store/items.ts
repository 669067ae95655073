import { sql } from 'kysely';
import type { EventType } from '../job-types/contract/event.js';
import type { Failure } from '../job-types/contract/failure.js';
import type { JobItem } from '../job-types/contract/job-item.js';
import type { StepStatus } from '../job-types/contract/job.js';
import type { Database } from './database.js';

/** An item with the number of the event that told of it first: items are listed in that order. */
export type ListedItem = JobItem & { id: string };

export interface AskedItems {
  /** Number of the last one on the page before. */
  after?: string | undefined;
  limit: number;
  step?: string | undefined;
  status?: StepStatus | undefined;
}

interface ItemRow {
  id: number;
  step: string;
  item: string;
  type: EventType;
  attempt: number | null;
  startedAt: Date;
  lastAt: Date;
  failure: Failure | null;
  reused: boolean;
  status: StepStatus;
}

/** What a job's log tells of the items of its steps, a page at a time. */
export function createItems(db: Database) {
  return {
    async list(jobId: string, { after = '0', limit, step, status }: AskedItems): Promise<ListedItem[]> {
      const { rows } = await sql<ItemRow>`
        select * from (
          select distinct on (step, item)
            min(seq) over item as id, step, item, type, max(attempt) over item as attempt,
            min(time) over item as "startedAt", time as "lastAt",
            coalesce((data ->> 'reused')::boolean, false) as reused,
            (select told.data -> 'failure' from events as told
             where told.job_id = ${jobId} and told.step = events.step and told.item = events.item
               and told.type = 'step.failed' order by told.seq desc limit 1) as failure,
            case
              when type = 'step.succeeded' then 'succeeded'
              when type = 'step.started' then 'running'
              when data #>> '{failure,retryable}' = 'false' then 'failed'
              else 'retrying'
            end as status
          from events
          where job_id = ${jobId} and item is not null and (${step ?? null}::text is null or step = ${step ?? null})
            and type in ('step.started', 'step.failed', 'step.succeeded')
          window item as (partition by step, item)
          order by step, item, seq desc) as one
        where id > ${after}::bigint and (${status ?? null}::text is null or status = ${status ?? null})
        order by id limit ${limit}`.execute(db);
      return rows.map(toItem);
    },
  };
}

function toItem({
  id,
  step,
  item,
  attempt,
  startedAt,
  lastAt,
  failure,
  reused,
  status,
}: ItemRow): ListedItem {
  const ended = status === 'succeeded' || status === 'failed';
  return {
    id: String(id),
    step,
    item,
    status,
    attempt,
    startedAt: startedAt.toISOString(),
    finishedAt: ended ? lastAt.toISOString() : null,
    failure,
    reused,
  };
}

export type Items = ReturnType<typeof createItems>;
