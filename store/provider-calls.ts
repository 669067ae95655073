import { sql } from 'kysely';
import type { FailureCode } from '../job-types/contract/failures.js';
import type { Database } from './database.js';

/** How the last calls of a provider went. */
export interface ProviderCalls {
  /** What stands before the slash of its models' names. */
  provider: string;
  /** Whether the last one was answered, whatever the answer was worth. */
  answered: boolean;
  /** The first of the calls in a row that went as the last one did. */
  since: string;
  lastCallAt: string;
  failureCode: string | null;
}

interface ProviderRow extends Omit<ProviderCalls, 'since' | 'lastCallAt'> {
  since: Date;
  lastCallAt: Date;
}

/** Older calls say little of how a provider is now. */
const lookedAt = sql`interval '1 day'`;

/** What ended by itself: of a call that we ended, or whose worker died, nobody knows how it would have gone. */
const tells = sql`outcome in ('answered', 'malformed', 'cut', 'refused', 'failed')`;

/** What is wrong with an answer or a request, and not with who was asked. */
const answeredAllTheSame: readonly FailureCode[] = [
  'malformed-answer',
  'schema-too-costly',
  'answer-cut-off',
  'answer-too-long',
  'answer-withheld',
  'budget-exceeded',
  'context-too-long',
  'audio-unreadable',
  'audio-too-large',
];

/** @param owner whose calls are looked at; null: everybody's */
export async function providerCalls(db: Database, owner: string | null): Promise<ProviderCalls[]> {
  const whose = owner === null ? sql`true` : sql`owner = ${owner}`;
  const { rows } = await sql<ProviderRow>`
    with calls as (
      select split_part(model, '/', 1) as provider, 
        failure_code is null or failure_code = any(${answeredAllTheSame}) as answered, settled_at, failure_code
      from model_calls
      where ${whose} and ${tells} and started_at > now() - ${lookedAt} and settled_at is not null),
    last as (
      select distinct on (provider) * from calls order by provider, settled_at desc),
    turned as (
      select last.provider, max(calls.settled_at) as at
      from last left join calls on calls.provider = last.provider and calls.answered <> last.answered
      group by last.provider)
    select last.provider, last.answered, last.settled_at as "lastCallAt",
      case when last.answered then null else last.failure_code end as "failureCode",
      (select min(settled_at) from calls
        where calls.provider = last.provider and (turned.at is null or settled_at > turned.at)) as since
    from last join turned using (provider) order by last.provider`.execute(db);
  return rows.map((row) => ({
    ...row,
    since: row.since.toISOString(),
    lastCallAt: row.lastCallAt.toISOString(),
  }));
}
