import { sql } from 'kysely';
import type { Database } from './database.js';
import { toJsonb } from './jsonb.js';
import type { Caller } from './model-calls.js';

/** What was asked, as far as a call's row tells: the same step of the same run asks the same, by the same prompt. */
export interface Asking extends Caller {
  model: string;
  prompt: string;
}

/** An answer that ends whoever reads it is not read for ever. */
const mostReads = 3;

/** Of a job that is over nobody reads an answer again. */
export const droppingKept = (jobId: string) => sql`delete from kept_answers where job_id = ${jobId}`;

/** Answers as they came, from their last byte until their job is over. A worker that dies meanwhile leaves its answer here. */
export function createKeptAnswers(db: Database) {
  return {
    /** @param callId of the ledger's row. A second answer to a call is none. */
    async keep(callId: string, { jobId, answer }: { jobId: string; answer: unknown }): Promise<void> {
      await sql`
        insert into kept_answers (call_id, job_id, answer) values (${callId}, ${jobId}, ${toJsonb(answer)}::jsonb)
        on conflict (call_id) do nothing`.execute(db);
    },

    /** The latest answer that an earlier attempt of the step has got, and that nobody has found to be of no use. */
    async take<T>(asking: Asking): Promise<{ callId: string; answer: T } | null> {
      const { jobId, runId, step, item, activity, attempt, model, prompt } = asking;
      const { rows } = await sql<{ callId: string; answer: T }>`
        update kept_answers set reads = reads + 1 where call_id = (
          select call_id from kept_answers join model_calls on id = call_id
          where model_calls.job_id = ${jobId} and run_id = ${runId} and step = ${step}
            and item is not distinct from ${item} and (activity <> ${activity} or attempt < ${attempt})
            and model = ${model} and prompt = ${prompt}
            and (outcome is null or outcome = 'answered') and reads < ${mostReads}
          order by call_id desc limit 1)
        returning call_id as "callId", answer`.execute(db);
      return rows[0] ?? null;
    },
  };
}

export type KeptAnswers = ReturnType<typeof createKeptAnswers>;
