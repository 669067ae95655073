import type { Call } from '../job-types/contract/call.js';
import type { Database } from './database.js';
import type { Caller, NewCall } from './model-calls.js';
import type { Row } from './schema.js';
import { toUsd } from './usage.js';

/** @param reserved what its budget sets aside for it; null without one. @returns the row's id */
export async function insertCall(
  trx: Database,
  call: NewCall,
  reserved: { usd: number | null; tokens: number } | null = null,
): Promise<string> {
  const { id } = await trx
    .insertInto('model_calls')
    .values({
      ...ofCaller(call),
      owner: call.owner,
      model: call.model,
      prompt: call.prompt,
      started_at: call.startedAt,
      input_tokens: call.inputTokens,
      audio_seconds: call.audioSeconds ?? null,
      cost_usd: call.costUsd,
      output_mtok_usd: call.outputMtokUsd,
      reserved_usd: reserved?.usd ?? null,
      reserved_tokens: reserved?.tokens ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

const ofCaller = ({ jobId, rootJobId, jobType, runId, step, item, activity, attempt }: Caller) => ({
  job_id: jobId,
  root_job_id: rootJobId,
  job_type: jobType,
  run_id: runId,
  step,
  item,
  activity,
  attempt,
});

export const toCall = (row: Row<'model_calls'>): Call => ({
  id: row.id,
  step: row.step,
  item: row.item,
  attempt: row.attempt,
  model: row.model,
  prompt: row.prompt,
  providerId: row.provider_id,
  answeredBy: row.answered_by,
  startedAt: row.started_at.toISOString(),
  firstTokenAfter: row.first_token_ms === null ? null : row.first_token_ms / 1_000,
  settledAt: row.settled_at?.toISOString() ?? null,
  inputTokens: row.input_tokens,
  cachedInputTokens: row.cached_input_tokens,
  outputTokens: row.output_tokens,
  reasoningTokens: row.reasoning_tokens,
  audioSeconds: row.audio_seconds,
  costUsd: toUsd(row.cost_usd),
  savedUsd: toUsd(row.saved_usd),
  outcome: row.outcome,
  failureCode: row.failure_code,
  estimated: row.estimated,
});
