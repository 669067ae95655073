import { sql } from 'kysely';
import type { Call, CallOutcome } from '../job-types/contract/call.js';
import type { FailureCode } from '../job-types/contract/failures.js';
import type { Usage } from '../job-types/contract/job.js';
import type { JobSpend } from '../job-types/contract/spend.js';
import { insertCall, toCall } from './call-rows.js';
import type { Database } from './database.js';
import { type ProviderCalls, providerCalls } from './provider-calls.js';
import { type Limits, type Room, type Wanted, roomFor } from './reservations.js';
import { type AskedJobs, dearestJobs, type SpentInSpan, spentOfOwner } from './spend.js';
import { type AskedTotals, type UsageTotal, usageOfJobs, usageTotals } from './usage.js';
import { type TypicalUse, typicalUse } from './typical-use.js';

/** Whose call it is: one attempt of a step, or of one of its items. */
export interface Caller {
  jobId: string;
  rootJobId: string;
  jobType: string;
  runId: string;
  step: string;
  item: string | null;
  /** The id of the activity. */
  activity: string;
  attempt: number;
}

export interface AskedCall extends Caller {
  owner: string;
  /** provider/model, as configured. */
  model: string;
  /** Name and version. */
  prompt: string;
}

export interface NewCall extends AskedCall {
  startedAt: string;
  /** By our estimate. */
  inputTokens: number;
  /** Of a call of a transcriber. */
  audioSeconds?: number | undefined;
  /** For these input tokens alone; null where no price is known. */
  costUsd: number | null;
  outputMtokUsd: number | null;
}

/** Null where the price of one of them is not known. */
export type PaidFor = Pick<Usage, 'inputTokens' | 'outputTokens' | 'costUsd'>;

export interface Settlement {
  outcome: CallOutcome;
  failureCode: FailureCode | null;
  providerId: string | null;
  /** The stream's own name of the model that answered. */
  answeredBy: string | null;
  firstTokenMs: number | null;
  inputTokens: number;
  cachedInputTokens: number | null;
  outputTokens: number;
  reasoningTokens: number | null;
  /** Left out by a call that was given none. */
  audioSeconds?: number | undefined;
  costUsd: number | null;
  estimated: boolean;
}

/** How the earlier attempts of a step fared with their calls. */
export interface EarlierCalls {
  /** Answers that were paid for and of no use. */
  unusable: number;
  /** Calls that died with their workers. */
  lost: number;
  /** Calls that we ended. */
  stopped: number;
  /** Of the last unusable answer. */
  failureCode: FailureCode | null;
  /** Calls since the last one over which some of an answer came; null when there was none. */
  sinceWorked: number | null;
}

/** Text in the log that an attempt has streamed since its call began, in tokens: four bytes one, as `tokens.ts` has it. */
const streamedTokens = sql`
  select ceil(coalesce(sum(octet_length(data ->> 'text')), 0) / 4.0)::integer as tokens
  from events
  where job_id = call.job_id and type = 'output.delta' and time >= call.started_at
    and starts_with(key, concat_ws('/', call.run_id, call.activity, call.attempt, ''))`;

/** Paid for, and of no use, by no fault of ours. A call that failed and cost nothing was not paid for. */
const isUnusable = sql`(outcome in ('malformed', 'cut') and failure_code is distinct from 'budget-exceeded'
  or outcome = 'failed' and input_tokens + output_tokens + coalesce(audio_seconds, 0) > 0)`;

/** The statement that settles calls of which nobody is left to tell, by what was streamed of them. */
const settlingAsLost = (which: ReturnType<typeof sql>) => sql`
  update model_calls as call
  set (output_tokens, cost_usd) = (
        select tokens, cost_usd + tokens * output_mtok_usd / 1000000 from (${streamedTokens}) as streamed),
      outcome = 'lost', settled_at = now(), estimated = true
  where ${which} and outcome is null`;

/** For when a job is over. A caller that still lives corrects the numbers: see `settle`. */
export const settlingLost = (jobId: string) => settlingAsLost(sql`job_id = ${jobId}`);

/** The ledger. */
export function createModelCalls(db: Database) {
  return {
    /** Before the request is sent. @returns the row's id */
    open: (call: NewCall): Promise<string> => insertCall(db, call),

    /** The same for a call that has limits: it is opened where there is room, which it holds until it is settled. */
    reserve: (call: NewCall, { limits, wanted }: { limits: Limits; wanted: Wanted }): Promise<Reserved> =>
      db.transaction().execute(async (trx) => {
        const { jobId, owner } = call;
        const room = await roomFor(trx, { jobId, owner, limits, wanted });
        if (room === 'held' || 'exceeded' in room) return room;
        const { inputTokens, inputUsd, tokenUsd } = wanted;
        const usd = inputUsd === null || tokenUsd === null ? null : inputUsd + room.outputTokens * tokenUsd;
        const id = await insertCall(trx, call, { usd, tokens: inputTokens + room.outputTokens });
        return { ...room, id };
      }),

    /**
     * The caller's own word about its call. It comes once, and it beats an estimate. A call that was taken for lost
     * keeps that outcome, because nobody used its answer, and gets the caller's numbers.
     */
    async settle(id: string, settled: Settlement): Promise<void> {
      await db
        .updateTable('model_calls')
        .set({
          outcome: sql<CallOutcome>`coalesce(outcome, ${settled.outcome})`,
          failure_code: settled.failureCode,
          provider_id: settled.providerId,
          answered_by: settled.answeredBy,
          first_token_ms: settled.firstTokenMs,
          settled_at: sql<Date>`now()`,
          input_tokens: settled.inputTokens,
          cached_input_tokens: settled.cachedInputTokens,
          output_tokens: settled.outputTokens,
          reasoning_tokens: settled.reasoningTokens,
          ...(settled.audioSeconds === undefined ? {} : { audio_seconds: settled.audioSeconds }),
          cost_usd: settled.costUsd,
          estimated: settled.estimated,
        })
        .where('id', '=', id)
        .where((where) => where.or([where('outcome', 'is', null), where('outcome', '=', 'lost')]))
        .execute();
    },

    /**
     * For an attempt that is about to ask. What earlier attempts left open is lost. So is what they were answered,
     * since this one would have found its receipt.
     */
    async settleEarlier(caller: Caller): Promise<EarlierCalls> {
      const { jobId, runId, step, item, activity, attempt } = caller;
      const earlier = sql`job_id = ${jobId} and run_id = ${runId} and step = ${step}
        and item is not distinct from ${item} and (activity <> ${activity} or attempt < ${attempt})`;
      const { rows } = await sql<EarlierCalls>`
        with open as (${settlingAsLost(earlier)}),
          unused as (update model_calls set outcome = 'lost' where ${earlier} and outcome = 'answered')
        select count(*) filter (where ${isUnusable})::integer as unusable,
          count(*) filter (where outcome is null or outcome in ('answered', 'lost'))::integer as lost,
          count(*) filter (where outcome = 'cancelled')::integer as stopped,
          (array_agg(failure_code order by id desc) filter (where ${isUnusable}))[1] as "failureCode",
          (array_agg(since order by id desc) filter (where first_token_ms is not null))[1]::integer as "sinceWorked"
        from (select *, row_number() over (order by id desc) - 1 as since from model_calls where ${earlier}) as earlier`.execute(
        db,
      );
      return rows[0] ?? { unusable: 0, lost: 0, stopped: 0, failureCode: null, sinceWorked: null };
    },

    /**
     * Notes that a job uses the answer another one has paid for. Once a step, however often it is said.
     * @param call.paidBy the root of that one's chain of retries
     */
    async noteReused({
      owner,
      model,
      prompt,
      paidBy,
      ...caller
    }: AskedCall & { paidBy: string }): Promise<void> {
      const { jobId, rootJobId, jobType, runId, step, item, activity, attempt } = caller;
      const ofStep = sql`step = ${step} and item is not distinct from ${item}`;
      await sql`
        insert into model_calls (job_id, root_job_id, owner, job_type, run_id, step, item, activity, attempt, model, prompt,
          started_at, settled_at, input_tokens, cost_usd, saved_usd, outcome, estimated)
        select ${jobId}, ${rootJobId}, ${owner}, ${jobType}, ${runId}, ${step}, ${item}::text, ${activity},
          ${attempt}::integer, ${model}, ${prompt}, now(), now(), 0, 0, (
            select cost_usd from model_calls
            where root_job_id = ${paidBy} and ${ofStep} and outcome = 'answered' order by id desc limit 1),
          'reused', false
        where not exists (
          select from model_calls where job_id = ${jobId} and ${ofStep} and outcome in ('answered', 'reused'))`.execute(
        db,
      );
    },

    /** Name and version of the prompt that the answer of a step was given to; null where no call tells. */
    async promptOf({ paidBy, step, item }: Pick<Caller, 'step' | 'item'> & { paidBy: string }) {
      const { rows } = await sql<{ prompt: string }>`
        select prompt from model_calls
        where root_job_id = ${paidBy} and step = ${step} and item is not distinct from ${item} and outcome = 'answered'
        order by id desc limit 1`.execute(db);
      return rows[0]?.prompt ?? null;
    },

    /** What the answers have cost that these steps of a fork have copies of, whoever paid for them. */
    async costOfCopies(rootJobId: string, steps: readonly string[]): Promise<PaidFor> {
      const { rows } = await sql<PaidFor>`
        select coalesce(sum(input_tokens), 0)::float8 as "inputTokens",
          coalesce(sum(output_tokens), 0)::float8 as "outputTokens",
          (case when count(*) = count(cost_usd) then coalesce(sum(cost_usd), 0) end)::float8 as "costUsd"
        from (
          select distinct on (call.step, call.item) call.input_tokens, call.output_tokens, call.cost_usd
          from receipts as copy join model_calls as call on call.root_job_id = copy.copied_from
            and call.step = copy.step and coalesce(call.item, '') = copy.item
          where copy.root_job_id = ${rootJobId} and copy.step = any(${steps}) and call.outcome = 'answered'
          order by call.step, call.item, call.id desc) as answers`.execute(db);
      return rows[0] ?? { inputTokens: 0, outputTokens: 0, costUsd: 0 };
    },

    /** What each of these jobs has cost; one that has made no call is left out. */
    sums: (jobIds: readonly string[]): Promise<Map<string, Usage>> => usageOfJobs(db, jobIds),

    async sum(jobId: string): Promise<Usage | null> {
      return (await usageOfJobs(db, [jobId])).get(jobId) ?? null;
    },

    /** What an owner's calls have cost in groups, in the order of their keys. */
    totals: (asked: AskedTotals): Promise<UsageTotal[]> => usageTotals(db, asked),

    /** The jobs of an owner that have cost most, the dearest first. */
    dearest: (asked: AskedJobs): Promise<JobSpend[]> => dearestJobs(db, asked),

    /** What an owner has spent of the day and of the month. */
    spans: (owner: string): Promise<SpentInSpan[]> => spentOfOwner(db, owner),

    /** How the providers have answered lately. @param owner null: everybody's calls are looked at */
    providers: (owner: string | null): Promise<ProviderCalls[]> => providerCalls(db, owner),

    /** What a job of a type uses as a rule, so that one can be estimated before it is submitted. */
    typicalUse: (asked: { owner: string; type: string }): Promise<TypicalUse> => typicalUse(db, asked),

    /** The calls of a job, newest last. @param options.after id of the last one on the page before */
    async list(jobId: string, options: { after?: string | undefined; limit: number }): Promise<Call[]> {
      const rows = await db
        .selectFrom('model_calls')
        .selectAll()
        .where('job_id', '=', jobId)
        .where('id', '>', options.after ?? '0')
        .orderBy('id')
        .limit(options.limit)
        .execute();
      return rows.map(toCall);
    },
  };
}

/** The room that a call has got, and the id of its row; or why it has none. */
export type Reserved =
  Exclude<Room, { outputTokens: number }> | (Extract<Room, { outputTokens: number }> & { id: string });

export type ModelCalls = ReturnType<typeof createModelCalls>;
