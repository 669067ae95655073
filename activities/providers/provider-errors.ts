import { types } from 'node:util';
import { AISDKError, APICallError } from 'ai';
import { StepFailure } from '../frame/step-failure.js';
import type { FailureCode } from '../../job-types/contract/failures.js';
import { faultCode } from './fault-codes.js';
import { createRedaction } from './redaction.js';
import { longestRetryAfter, parseRetryAfter } from './retry-after.js';
import { FrameTooLong } from './wire/frames.js';
import { type ToldFault, readFault } from './wire/told-fault.js';

export interface CallFacts {
  /** The model's name. */
  provider: string;
  /** Texts that must never appear in a failure. */
  secrets: readonly string[];
  /** Whether some of the answer had arrived. */
  midway: boolean;
}

/** The provider takes no request that asks for JSON in this form. */
export class FormatRefused extends StepFailure {
  /** @param always it is the form it does not know, and not this schema */
  constructor(
    { code, message, options }: StepFailure,
    readonly always: boolean,
  ) {
    super(code, message, options);
  }
}

/**
 * What went wrong with a call, for whatever the SDK threw or put into its stream. What is not the provider's doing
 * is returned as it is. The cause is not attached: the SDK's errors carry the whole request.
 */
export function classify(error: unknown, facts: CallFacts): unknown {
  if (error instanceof StepFailure) return error;
  const refused = readRefusal(error);
  if (refused) return failureOf(refused.fault, { ...facts, ...refused });
  const { provider, midway } = facts;
  const fail = (code: FailureCode, detail: string) => new StepFailure(code, detail, { provider });
  if (error instanceof FrameTooLong) {
    return fail('malformed-answer', `${provider} sent more in one piece than any answer has.`);
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

interface Refusal {
  fault: ToldFault | null;
  /** The HTTP status of the answer. */
  answered: number;
  headers: Readonly<Record<string, string>>;
}

/** What a provider said is wrong: with an answer of its own, or in the stream of one. */
export function failureOf(
  fault: ToldFault | null,
  { provider, secrets, midway, answered, headers = {} }: CallFacts & Partial<Refusal>,
): StepFailure {
  const status = answered ?? fault?.status ?? null;
  const code = faultCode(fault, { status, midway });
  const words = fault?.message ? `: ${createRedaction(secrets)(fault.message)}` : '';
  const where =
    answered === undefined
      ? `reported an error${midway ? ' in the middle of its answer' : ''}`
      : `answered ${answered}`;
  const hint = code === 'provider-address-wrong' ? '; the address of the provider may be wrong' : '';
  const retryAfter = parseRetryAfter(headers) ?? fault?.retryAfter ?? null;
  const failure = new StepFailure(code, sentence(`${provider} ${where}${words}`, hint), {
    provider,
    ...(retryAfter === null ? {} : { retryAfter: Math.min(retryAfter, longestRetryAfter) }),
  });
  return refusesFormat(fault, status)
    ? new FormatRefused(failure, !aboutThisSchema.test(fault?.message ?? ''))
    : failure;
}

const aboutFormat =
  /response.?format|json.?(schema|object|mode)|structured.?output|guided|grammar|output_config|requested parameters/i;
const aboutThisSchema =
  /invalid schema|invalid_json_schema|schema conversion|parse grammar|unsupported (schema )?keyword|schema must|in schema/i;

/** Whether the request would have been taken in another form. */
function refusesFormat(fault: ToldFault | null, status: number | null): boolean {
  const mayMean = status === null || [400, 404, 415, 422, 500, 501].includes(status);
  return mayMean && aboutFormat.test(`${fault?.names.join(' ')} ${fault?.message ?? ''}`.slice(0, 2_000));
}

const sentence = (text: string, hint: string): string =>
  hint ? `${text.replace(/[.!?]$/, '')}${hint}.` : /[.!?]$/.test(text) ? text : `${text}.`;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** What the provider answered; null when it did not answer, or with a stream. */
function readRefusal(error: unknown): Refusal | null {
  if (!isRecord(error)) return null;
  const { statusCode, data, responseBody, responseHeaders } = error;
  if (typeof statusCode !== 'number' || statusCode < 400) return null;
  const body = parseJson(responseBody) ?? data;
  const headers = isRecord(responseHeaders) ? (responseHeaders as Record<string, string>) : {};
  return { fault: readFault(body) ?? inPlainWords(responseBody), answered: statusCode, headers };
}

/** Some say what is wrong in a line of text. A page of HTML says no more than its status. */
const inPlainWords = (body: unknown): ToldFault | null =>
  typeof body === 'string' && body.trim().length > 0 && body.length < 500 && !body.includes('<')
    ? { status: null, names: [], message: body.trim(), retryAfter: null }
    : null;

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
