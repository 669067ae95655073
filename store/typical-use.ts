import { sql } from 'kysely';
import type { Database } from './database.js';

/** What a job of a type has used, as a rule. */
export interface TypicalUse {
  /** Jobs that it is taken from. */
  jobs: number;
  /** The median of a job's sum; null where there is no job. */
  inputTokens: number | null;
  outputTokens: number | null;
}

/** Jobs of longer ago were asked of other prompts. */
const mostJobs = 50;
const days = 30;

/** The median job of an owner's last ones of a type, failed attempts included. Calls of transcribers have no tokens. */
export async function typicalUse(
  db: Database,
  { owner, type }: { owner: string; type: string },
): Promise<TypicalUse> {
  const { rows } = await sql<TypicalUse>`
    select count(*)::integer as jobs,
      percentile_disc(0.5) within group (order by input)::float8 as "inputTokens",
      percentile_disc(0.5) within group (order by output)::float8 as "outputTokens"
    from (
      select sum(input_tokens) as input, sum(output_tokens) as output
      from model_calls
      where owner = ${owner} and job_type = ${type} and audio_seconds is null and settled_at is not null
        and outcome != 'reused' and started_at > now() - make_interval(days => ${days})
      group by job_id order by max(id) desc limit ${mostJobs}) as used`.execute(db);
  return rows[0] ?? { jobs: 0, inputTokens: null, outputTokens: null };
}
