import { sql } from 'kysely';
import type { Usage } from '../job-types/contract/job.js';
import type { Database } from './database.js';

/** What calls can be put together by. A job with several tags counts under each of them, one without under none. */
export const usageGroups = ['day', 'model', 'type', 'tag'] as const;
export type UsageGroup = (typeof usageGroups)[number];

export interface AskedTotals {
  owner: string;
  by: UsageGroup;
  /** When the calls were made: from this moment on, and before that one. */
  from: string;
  to: string;
  /** Of the group before, for the next page; null before the first one. */
  after: string | null;
  limit: number;
}

type Sums = Omit<Usage, 'costUsd' | 'wastedUsd' | 'savedUsd'>;

/** Sums over the calls whose price is known, and how many have none. */
export interface UsageTotal extends Sums {
  /** The empty text for calls of jobs without a tag. */
  key: string;
  calls: number;
  costUsd: number;
  wastedUsd: number;
  savedUsd: number;
  unpricedCalls: number;
}

/** Numbers of PostgreSQL that JavaScript may not hold exactly come as text. */
export const toUsd = (text: string | null): number | null => (text === null ? null : Number(text));

/** Paid for, if it was paid for, and not used. Of a call under way nobody knows. */
export const isWasted = sql`outcome not in ('answered', 'reused')`;

const sums = sql`
  coalesce(sum(input_tokens), 0)::float8 as "inputTokens",
  coalesce(sum(cached_input_tokens), 0)::float8 as "cachedInputTokens",
  coalesce(sum(output_tokens), 0)::float8 as "outputTokens",
  coalesce(sum(reasoning_tokens), 0)::float8 as "reasoningTokens",
  bool_or(estimated) as estimated`;

/** A sum is null when a price is missing in it: what is left out would make it a lie. */
const usageOf = sql`${sums},
  (case when count(*) = count(cost_usd) then sum(cost_usd) end)::float8 as "costUsd",
  (case when bool_and(cost_usd is not null) filter (where ${isWasted}) is not false
    then coalesce(sum(cost_usd) filter (where ${isWasted}), 0) end)::float8 as "wastedUsd",
  (case when bool_and(saved_usd is not null) filter (where outcome = 'reused') is not false
    then coalesce(sum(saved_usd), 0) end)::float8 as "savedUsd"`;

export async function usageOfJobs(db: Database, jobIds: readonly string[]): Promise<Map<string, Usage>> {
  const { rows } = await sql<Usage & { jobId: string }>`
    select job_id as "jobId", ${usageOf} from model_calls where job_id = any(${jobIds}) group by job_id`.execute(
    db,
  );
  return new Map(rows.map(({ jobId, ...usage }) => [jobId, usage]));
}

/** Keeps with the end of a job what its calls have cost by then: a caller that still lives may correct the ledger. */
export async function keepUsage(db: Database, jobId: string): Promise<void> {
  await sql`
    update outcomes set usage = (
      select to_json(spent) from (
        select ${usageOf} from model_calls where job_id = ${jobId} having count(*) > 0) as spent)
    where job_id = ${jobId} and usage is null`.execute(db);
}

/** The days are those of UTC. */
const groupings: Readonly<Record<UsageGroup, { key: ReturnType<typeof sql>; from: ReturnType<typeof sql> }>> =
  {
    day: { key: sql`to_char(started_at at time zone 'UTC', 'YYYY-MM-DD')`, from: sql`model_calls` },
    model: { key: sql`model`, from: sql`model_calls` },
    type: { key: sql`job_type`, from: sql`model_calls` },
    tag: {
      key: sql`coalesce(tag, '')`,
      from: sql`model_calls left join lateral (
        select unnest(tags) as tag from event_logs where event_logs.job_id = model_calls.job_id) as tags on true`,
    },
  };

export async function usageTotals(db: Database, asked: AskedTotals): Promise<UsageTotal[]> {
  const { key, from } = groupings[asked.by];
  const next = asked.after === null ? sql`true` : sql`(${key}) collate "C" > ${asked.after}`;
  const { rows } = await sql<UsageTotal>`
    select ${key} as key, count(*)::integer as calls, ${sums},
      coalesce(sum(cost_usd), 0)::float8 as "costUsd",
      coalesce(sum(cost_usd) filter (where ${isWasted}), 0)::float8 as "wastedUsd",
      coalesce(sum(saved_usd), 0)::float8 as "savedUsd",
      count(*) filter (where cost_usd is null or (outcome = 'reused' and saved_usd is null))::integer as "unpricedCalls"
    from ${from}
    where owner = ${asked.owner} and started_at >= ${asked.from} and started_at < ${asked.to} and ${next}
    group by ${key} order by (${key}) collate "C" limit ${asked.limit}`.execute(db);
  return rows;
}
