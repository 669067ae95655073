import type { CallOutcome } from '../../job-types/contract/call.js';
import type { FailureCode } from '../../job-types/contract/failures.js';
import type { Settlement } from '../../store/model-calls.js';
import type { Heard } from './call-listener.js';
import { StepFailure } from './step-failure.js';
import { type PriceOf, type Tokens, estimatedTokens } from './tokens.js';

/** What these failures mean, whether or not some of the answer had come. */
const byCode: Partial<Record<FailureCode, CallOutcome>> = {
  'malformed-answer': 'malformed',
  'schema-too-costly': 'malformed',
  'answer-cut-off': 'cut',
  'answer-too-long': 'cut',
  'answer-withheld': 'refused',
  'budget-exceeded': 'cut',
};

/** A provider that says so has done nothing, and bills nothing. */
const refusals: ReadonlySet<FailureCode> = new Set([
  'provider-rate-limited',
  'quota-exhausted',
  'provider-key-refused',
  'provider-key-missing',
  'model-not-found',
  'context-too-long',
  'provider-refused',
  'audio-unreadable',
  'audio-too-large',
]);

const codeOf = (error: unknown): FailureCode | null => (error instanceof StepFailure ? error.code : null);

export interface CallEnd {
  heard: Heard;
  /** Whether we ended it: a cancel, a time-out, a worker that shuts down. */
  aborted: boolean;
  /** What it threw; null for a call whose answer is used. */
  error: unknown;
}

function outcomeOf({ heard, aborted, error }: CallEnd): CallOutcome {
  if (error === null) return 'answered';
  if (aborted) return 'cancelled';
  const code = codeOf(error);
  const known = code === null ? undefined : byCode[code];
  if (known) return known;
  if (heard.began) return 'cut';
  return code !== null && refusals.has(code) ? 'refused' : 'failed';
}

/** A call that was not sent, was refused, or found nobody there. A provider that was silent may have worked all the same. */
function isFree({ heard, error }: CallEnd, outcome: CallOutcome): boolean {
  if (!heard.wasSent) return true;
  if (heard.began || (outcome !== 'refused' && outcome !== 'failed')) return false;
  const code = codeOf(error);
  return code === 'provider-unavailable' || (code !== null && refusals.has(code));
}

const nothing: Tokens = {
  inputTokens: 0,
  cachedInputTokens: null,
  cacheWriteTokens: null,
  outputTokens: 0,
  reasoningTokens: null,
};

export interface Pricing {
  model: string;
  /** By our estimate. */
  inputTokens: number;
  /** Of a call of a transcriber. */
  audioSeconds?: number | undefined;
  priceOf: PriceOf;
}

/** What became of a call and what it cost: as the provider says, or else by what was sent and what came. */
export function billOf(end: CallEnd, { model, inputTokens, audioSeconds, priceOf }: Pricing): Settlement {
  const { heard, error } = end;
  const outcome = outcomeOf(end);
  const free = heard.tokens === null && isFree(end, outcome);
  const estimate = { ...nothing, inputTokens, outputTokens: estimatedTokens(heard.bytes) };
  const { cacheWriteTokens: _, ...tokens } = heard.tokens ?? (free ? nothing : estimate);
  return {
    ...tokens,
    outcome,
    failureCode: outcome === 'cancelled' ? null : codeOf(error),
    providerId: heard.providerId,
    answeredBy: heard.model,
    firstTokenMs: heard.firstTokenMs,
    ...(audioSeconds === undefined ? {} : { audioSeconds: free ? 0 : audioSeconds }),
    costUsd: free ? 0 : priceOf(model, { ...(heard.tokens ?? estimate), audioSeconds }),
    estimated: heard.tokens === null && !free,
  };
}
