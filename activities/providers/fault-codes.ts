import type { FailureCode } from '../../job-types/contract/failures.js';
import type { ToldFault } from './wire/told-fault.js';

/** What providers call their faults, in small letters without anything between. These say more than the HTTP status. */
const names: Partial<Record<FailureCode, readonly string[]>> = {
  'quota-exhausted': [
    ...[
      'insufficientquota',
      'billinghardlimitreached',
      'billingnotactive',
      'billingerror',
      'paymentrequired',
    ],
    ...['insufficientbalance', 'insufficientcredits', 'exceededcurrentquotaerror', 'arrearage'],
  ],
  'provider-rate-limited': [
    ...['ratelimitexceeded', 'ratelimiterror', 'ratelimitreached', 'ratelimited', 'resourceexhausted'],
    ...['toomanyrequests', 'throttlingexception', 'throttling', 'requestlimitexceeded'],
  ],
  'context-too-long': [
    ...['contextlengthexceeded', 'stringabovemaxlength', 'requesttoolarge', 'exceedcontextsizeerror'],
    ...['contextwindowexceedederror', 'modelmaxprompttokensexceeded', 'tokenslimitreached'],
  ],
  'model-not-found': ['modelnotfound', 'modelnotfounderror', 'deploymentnotfound', 'modelnotavailable'],
  'provider-key-refused': [
    ...['invalidapikey', 'apikeyinvalid', 'authenticationerror', 'permissionerror', 'unauthenticated'],
    ...[
      'invalidauthenticationerror',
      'permissiondenied',
      'unauthorized',
      'accessdenied',
      'incorrectapikeyerror',
    ],
  ],
  'answer-withheld': [
    'contentfilter',
    'contentpolicyviolation',
    'responsibleaipolicyviolation',
    'datainspectionfailed',
  ],
  'provider-unavailable': [
    ...['overloadederror', 'engineoverloadederror', 'serveroverloaded', 'overloaded', 'timeouterror'],
    ...[
      'servererror',
      'apierror',
      'internalservererror',
      'internalerror',
      'serviceunavailable',
      'unavailable',
    ],
    ...['unavailableerror', 'internal', 'deadlineexceeded', 'nocapacity', 'modeloverloaded'],
  ],
};

const codeByName = new Map(
  Object.entries(names).flatMap(([code, all]) => all.map((name) => [name, code as FailureCode] as const)),
);

/** For those that only say it in words. The first that fits counts, so that what is surest comes first. */
const codeByMessage: readonly [RegExp, FailureCode][] = [
  [
    /unexpected endpoint|no route|unknown (route|path|endpoint|url)|invalid url|cannot (post|get) \/|(404 )?page not found|method not allowed|resource not found|route .{0,80}not found|url .{0,80}not found|endpoint .{0,80}not found/i,
    'provider-address-wrong',
  ],
  [
    /(credit|account|wallet) ?balance|(insufficient|out of|not enough|no|purchased) (credits?|balance|funds|quota)|exceeded your (current|monthly) (quota|spend)|quota (has been |is )?(exceeded|exhausted)|billing|payment required/i,
    'quota-exhausted',
  ],
  [
    /prompt is too long|(input|prompt|text|request|conversation|context) (is |was )?too (long|large)|(maximum|max) (context|prompt|input)|context (window|size|length)[^.]{0,80}exceed|exceed[^.]{0,80}context|not fit [^.]{0,40}context|context length only|too many (input |prompt )?tokens|reduce the length|exceeds? the (maximum|max|limit)[^.]{0,60}tokens|maximum number of (input |prompt )?tokens/i,
    'context-too-long',
  ],
  [
    /rate.?limit|too many requests|slow down|(requests|tokens) per (second|minute|hour|day)|throttl/i,
    'provider-rate-limited',
  ],
  [
    /(invalid|incorrect|wrong|missing|malformed|expired|no|not a valid|provide a valid|refused the) (x-)?(api|access|auth|bearer|subscription)?[- ]?(key|token)|(api|access)[- ]?key (is |was )?(not valid|invalid|expired|missing|required|disabled)|unauthori[sz]ed|authenticat|no auth|permission denied|forbidden/i,
    'provider-key-refused',
  ],
  [
    /\bmodel\b.{0,120}(does not exist|not found|not available|is not supported|unknown|not loaded|not a valid model)|(unknown|invalid|no such|no) model|not a valid model|no endpoints found|deployment .{0,80}(does not exist|not found)/i,
    'model-not-found',
  ],
  [
    /overloaded|capacity|try again (later|in)|temporar|unavailable|\bbusy\b|loading model|model is (still |currently )?loading|server error|timed out|upstream/i,
    'provider-unavailable',
  ],
];

const codeByStatus: Readonly<Record<number, FailureCode>> = {
  401: 'provider-key-refused',
  402: 'quota-exhausted',
  403: 'provider-key-refused',
  404: 'provider-address-wrong',
  405: 'provider-address-wrong',
  408: 'provider-unavailable',
  409: 'provider-unavailable',
  413: 'context-too-long',
  425: 'provider-unavailable',
  429: 'provider-rate-limited',
};

/** What it means that a server says it found nothing: of the model it was asked for, or of the address. */
const saysModel = /model|deployment|engine/i;

/** Characters of a message that are read. */
const readCharacters = 2_000;

export interface FaultFacts {
  /** The HTTP status of the answer, or the one that the fault names; null when there is neither. */
  status: number | null;
  /** Whether some of the answer had come. */
  midway: boolean;
}

/** The code of what a provider says is wrong. */
export function faultCode(fault: ToldFault | null, { status, midway }: FaultFacts): FailureCode {
  const message = (fault?.message ?? '').slice(0, readCharacters);
  const named = namedCode(fault?.names ?? []);
  // "api_error" and the like are also what servers call errors they have no better name for.
  if (named !== null && named !== 'provider-unavailable') return patient(named, fault, message);
  const worded = codeByMessage.find(([pattern]) => pattern.test(message))?.[1];
  const byStatus = status === null ? undefined : codeByStatus[status];
  if (status === 404)
    return saysModel.test(message) && !/endpoint or method/i.test(message)
      ? 'model-not-found'
      : 'provider-address-wrong';
  if (worded === 'provider-unavailable' || worded === undefined) {
    if (byStatus) return byStatus;
    if (status !== null && status >= 400) return status >= 500 ? 'provider-unavailable' : 'provider-refused';
    if (worded ?? named) return 'provider-unavailable';
    return midway ? 'answer-cut-off' : 'provider-unavailable';
  }
  // A status that is certain beats words: only some words are about what this status is too vague for.
  if (byStatus && byStatus !== worded && !vague.has(status)) return byStatus;
  return patient(worded, fault, message);
}

/** What servers answer when they mean something else as well. */
const vague: ReadonlySet<number | null> = new Set([403, 405, 408, 409, 413, 425, 429]);

function namedCode(all: readonly string[]): FailureCode | null {
  const codes = all.map((name) => codeByName.get(name.toLowerCase().replaceAll(/[^a-z]/g, '')));
  return (
    codes.find((code) => code !== undefined && code !== 'provider-unavailable') ??
    codes.find((code) => code !== undefined) ??
    null
  );
}

/** A quota that is there again in a moment is a limit of a rate. One that is not says so under the name of a rate. */
function patient(code: FailureCode, fault: ToldFault | null, message: string): FailureCode {
  const waits = fault !== null && fault.retryAfter !== null;
  if (code === 'quota-exhausted' && waits && !fault.names.some((name) => /insufficient/i.test(name))) {
    return 'provider-rate-limited';
  }
  const spent = codeByMessage[1]?.[0].test(message) ?? false;
  return code === 'provider-rate-limited' && !waits && spent ? 'quota-exhausted' : code;
}
