import { isRecord } from '../../../job-types/contract/is-record.js';

/** What an answer cost, in the form of OpenAI's chat completions. */
export interface ChatUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens?: number };
  completion_tokens_details: { reasoning_tokens?: number };
}

type Json = Record<string, unknown>;

/** Where servers put it: in the chunk, in one of its choices, or in a corner of their own. */
export function readUsage(chunk: Json, choice: Json | null): ChatUsage | null {
  const own = isRecord(chunk['x_groq']) ? chunk['x_groq']['usage'] : null;
  const told = [chunk['usage'], choice?.['usage'], own].find(isRecord);
  if (!told) return null;
  const input = numberIn(told, 'prompt_tokens', 'input_tokens', 'promptTokens');
  const output = numberIn(told, 'completion_tokens', 'output_tokens', 'completionTokens');
  if (input === null && output === null) return null;
  const inputDetails = recordIn(told, 'prompt_tokens_details', 'input_tokens_details');
  const outputDetails = recordIn(told, 'completion_tokens_details', 'output_tokens_details');
  const cached =
    numberIn(inputDetails, 'cached_tokens') ?? numberIn(told, 'prompt_cache_hit_tokens', 'cached_tokens');
  const reasoning = numberIn(outputDetails, 'reasoning_tokens') ?? numberIn(told, 'reasoning_tokens');
  return {
    prompt_tokens: input ?? 0,
    completion_tokens: output ?? 0,
    total_tokens: (input ?? 0) + (output ?? 0),
    prompt_tokens_details: cached === null ? {} : { cached_tokens: cached },
    completion_tokens_details: reasoning === null ? {} : { reasoning_tokens: reasoning },
  };
}

/** Some servers write numbers as text. */
function numberIn(told: Json, ...names: string[]): number | null {
  for (const name of names) {
    const value = told[name];
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number) && number >= 0) return Math.round(number);
  }
  return null;
}

const recordIn = (told: Json, ...names: string[]): Json =>
  names.map((name) => told[name]).find(isRecord) ?? {};
