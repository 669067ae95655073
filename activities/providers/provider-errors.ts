import { types } from 'node:util';
import { AISDKError, APICallError, InvalidResponseDataError } from 'ai';
import { StepFailure } from '../frame/step-failure.js';
import type { FailureCode } from '../../job-types/contract/failures.js';
import { parseRetryAfter } from './retry-after.js';
import { createRedaction } from './redaction.js';

/** What providers call their errors (`code` or `type` of the error object). These say more than the HTTP status. */
const codeByName: Readonly<Record<string, FailureCode>> = {
  insufficient_quota: 'quota-exhausted',
  billing_hard_limit_reached: 'quota-exhausted',
  billing_not_active: 'quota-exhausted',
  billing_error: 'quota-exhausted',
  rate_limit_exceeded: 'provider-rate-limited',
  rate_limit_error: 'provider-rate-limited',
  context_length_exceeded: 'context-too-long',
  string_above_max_length: 'context-too-long',
  request_too_large: 'context-too-long',
  exceed_context_size_error: 'context-too-long',
  model_not_found: 'model-not-found',
  not_found_error: 'model-not-found',
  invalid_api_key: 'provider-key-refused',
  authentication_error: 'provider-key-refused',
  permission_error: 'provider-key-refused',
  content_filter: 'answer-withheld',
  content_policy_violation: 'answer-withheld',
  overloaded_error: 'provider-unavailable',
  timeout_error: 'provider-unavailable',
  server_error: 'provider-unavailable',
  api_error: 'provider-unavailable',
};

/** For those that only say it in words: Anthropic, vLLM, llama.cpp. */
const codeByMessage: readonly [RegExp, FailureCode][] = [
  [/credit balance is too low|exceeded your (current|monthly) (quota|spend)/i, 'quota-exhausted'],
  [
    /prompt is too long|maximum context length|context (window|size|length)[^.]*exceed|exceeds?[^.]*context/i,
    'context-too-long',
  ],
];

const codeByStatus: Readonly<Record<number, FailureCode>> = {
  401: 'provider-key-refused',
  402: 'quota-exhausted',
  403: 'provider-key-refused',
  408: 'provider-unavailable',
  409: 'provider-unavailable',
  413: 'context-too-long',
  425: 'provider-unavailable',
  429: 'provider-rate-limited',
};

interface ProviderError {
  status: number | null;
  /** The error object's `code` and `type`. */
  names: string[];
  /** What the provider says, in its own words; null when it did not answer in the form providers use. */
  message: string | null;
  headers: Readonly<Record<string, string>>;
}

function failureCode({ status, names, message }: ProviderError): FailureCode {
  const named = names.map((name) => codeByName[name]).find((code) => code !== undefined);
  const worded = codeByMessage.find(([pattern]) => pattern.test(message ?? ''))?.[1];
  // "api_error" and the like are also what servers call errors they have no better name for.
  const vague = named === undefined || named === 'provider-unavailable';
  if (!vague) return named;
  if (worded) return worded;
  if (status === null || status < 400) return named ?? 'answer-cut-off';
  if (status === 404) return message === null ? 'provider-refused' : 'model-not-found';
  return codeByStatus[status] ?? (status >= 500 ? 'provider-unavailable' : 'provider-refused');
}

export interface CallFacts {
  /** The model's name. */
  provider: string;
  /** Texts that must never appear in a failure. */
  secrets: readonly string[];
  /** Whether some of the answer had arrived. */
  midway: boolean;
}

/**
 * What went wrong with a call, for whatever the SDK threw or put into its stream. What is not the provider's doing
 * is returned as it is. The cause is not attached: the SDK's errors carry the whole request.
 */
export function classify(error: unknown, { provider, secrets, midway }: CallFacts): unknown {
  if (error instanceof StepFailure) return error;
  const redact = createRedaction(secrets);

  const answered = readProviderError(error);
  if (answered) {
    const code = failureCode(answered);
    const retryAfter = parseRetryAfter(answered.headers);
    // A refused key is sometimes quoted in part.
    const words = code === 'provider-key-refused' ? null : answered.message;
    const failed = answered.status !== null && answered.status >= 400;
    const status = failed ? `answered ${answered.status}` : 'reported an error in the middle of its answer';
    const detail = `${provider} ${status}${words ? `: ${redact(words)}` : ''}`;
    const hint =
      answered.status === 404 && !answered.message ? '; the address of the provider may be wrong' : '';
    return new StepFailure(code, sentence(detail + hint), {
      provider,
      ...(retryAfter === null ? {} : { retryAfter }),
    });
  }

  const fail = (code: FailureCode, detail: string) => new StepFailure(code, detail, { provider });
  if (InvalidResponseDataError.isInstance(error)) {
    return fail('answer-cut-off', `${provider} ended its answer without saying that it is complete.`);
  }
  const trouble = networkTrouble(error);
  if (trouble === null) {
    if (!AISDKError.isInstance(error)) return error;
    return fail('malformed-answer', `${provider} sent a stream that is not in the form providers use.`);
  }
  const answering = midway || (APICallError.isInstance(error) && error.statusCode !== undefined);
  return answering
    ? fail('answer-cut-off', `The connection to ${provider} broke in the middle of the answer (${trouble}).`)
    : fail('provider-unavailable', `${provider} could not be reached (${trouble}).`);
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** What the provider answered or put into its stream; null when it never got to say what is wrong. */
function readProviderError(error: unknown): ProviderError | null {
  if (!isRecord(error)) return null;
  const { statusCode, data, responseBody, responseHeaders } = error;
  const said =
    errorObject(data) ?? errorObject(parseJson(responseBody)) ?? (types.isNativeError(error) ? null : error);
  const status = typeof statusCode === 'number' ? statusCode : null;
  if (said === null && (status === null || status < 400)) return null;
  const headers = isRecord(responseHeaders) ? (responseHeaders as Record<string, string>) : {};
  return { ...describe(said), status, headers };
}

/** The body of a refusal is {error: {message, ...}}, with some servers {error: "..."}; in a stream it is bare. */
function errorObject(body: unknown): Record<string, unknown> | null {
  if (!isRecord(body)) return null;
  if (isRecord(body.error)) return body.error;
  if (typeof body.error === 'string') return { message: body.error };
  return typeof body.message === 'string' ? body : null;
}

function describe(said: Record<string, unknown> | null): Pick<ProviderError, 'names' | 'message'> {
  const names = [said?.code, said?.type].flatMap((name) => (typeof name === 'string' ? name : []));
  return { names, message: typeof said?.message === 'string' ? said.message : null };
}

function parseJson(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : null;
  } catch {
    // Proxies answer in HTML; the status then says all there is.
    return null;
  }
}

/** What fetch says of a connection that is refused or breaks. */
const brokenFetch: ReadonlySet<string> = new Set(['fetch failed', 'terminated']);

/** The system's word for what is wrong with the connection ("ECONNREFUSED"); null when that is not the trouble. */
function networkTrouble(error: unknown): string | null {
  for (
    let cause = error, depth = 0;
    types.isNativeError(cause) && depth < 5;
    cause = cause.cause, depth += 1
  ) {
    const { code } = cause as Error & { code?: unknown };
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code)) return code;
  }
  const broken =
    APICallError.isInstance(error) || (types.isNativeError(error) && brokenFetch.has(error.message));
  return broken ? 'connection lost' : null;
}
