import { isRecord } from '../../../job-types/contract/is-record.js';
import { bodyDelay } from './body-delay.js';

/** What a provider says is wrong, in whatever shape. */
export interface ToldFault {
  /** An HTTP status that the object names; null when it names none. */
  status: number | null;
  /** What the provider calls the fault: its `code`, `type`, `status` and the like, as they stand. */
  names: string[];
  /** In the provider's own words. */
  message: string | null;
  /** Seconds it asks us to wait. */
  retryAfter: number | null;
}

const nameKeys = ['code', 'type', 'status', 'error_code', 'errorCode', 'reason', 'name', 'error'] as const;
const statusKeys = ['code', 'status', 'status_code', 'statusCode', 'error_code', 'errorCode'] as const;
const messageKeys = [
  ...['message', 'msg', 'detail', 'error_description', 'error_msg', 'errorMessage', 'status_msg'],
  ...['Message', 'faultstring', 'description', 'title', 'reason', 'error'],
] as const;
/** Where the object that says it may be, in one that only holds it. */
const innerKeys = ['error', 'errors', 'fault', 'detail', 'base_resp', 'response', 'data'] as const;

/** Objects within objects. */
const deepest = 6;

/** Messages that say nothing but that somebody behind the provider has said something. */
const hollow = /^(provider returned error|upstream error|error|bad request|internal error)\.?$/i;

/** What the body of an answer, or an event of a stream, says is wrong; null when it is about no fault. */
export function readFault(body: unknown): ToldFault | null {
  const found = findFault(body, 0);
  if (!found) return null;
  return { ...found, retryAfter: bodyDelay(body, found.message) };
}

type Found = Omit<ToldFault, 'retryAfter'>;

function findFault(value: unknown, depth: number): Found | null {
  if (depth > deepest) return null;
  if (typeof value === 'string') return inText(value, depth);
  if (Array.isArray(value)) return first(value, (one) => findFault(one, depth + 1));
  if (!isRecord(value)) return null;
  const inner = first(innerKeys, (key) => (holds(value[key]) ? findFault(value[key], depth + 1) : null));
  const own = describe(value);
  const metadata = value['metadata'];
  const behind = isRecord(metadata) && holds(metadata['raw']) ? findFault(metadata['raw'], depth + 1) : null;
  return merged([inner, own, behind].filter((one) => one !== null));
}

/** A message may be an error object, written as JSON. */
function inText(text: string, depth: number): Found | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const json = /^[{[]/.test(trimmed) ? parsed(trimmed) : null;
  const inside = json === null ? null : findFault(json, depth + 1);
  return inside ?? { status: null, names: [], message: trimmed };
}

function describe(value: Record<string, unknown>): Found | null {
  const names = nameKeys.flatMap((key) => (typeof value[key] === 'string' ? [value[key]] : []));
  const status = first(statusKeys, (key) => toStatus(value[key]));
  const message = first(messageKeys, (key) => {
    const said = value[key];
    return typeof said === 'string' && said.trim() !== '' ? said.trim() : null;
  });
  if (message === null && status === null && names.length === 0) return null;
  const inside = message !== null && /^[{[]/.test(message) ? inText(message, deepest - 1) : null;
  return merged([...(inside ? [inside] : []), { status, names, message: inside?.message ?? message }]);
}

/** The first that says it, and the names of all of them. */
function merged(all: readonly Found[]): Found | null {
  if (all.length === 0) return null;
  const said = all.flatMap(({ message }) => message ?? []);
  return {
    status: all.find(({ status }) => status !== null)?.status ?? null,
    names: [...new Set(all.flatMap(({ names }) => names))],
    message: said.find((message) => !hollow.test(message)) ?? said[0] ?? null,
  };
}

const holds = (value: unknown): boolean =>
  (typeof value === 'string' && value.trim() !== '') || (typeof value === 'object' && value !== null);

function toStatus(value: unknown): number | null {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && status >= 400 && status <= 599 ? status : null;
}

function first<T, R>(all: readonly T[], find: (one: T) => R | null): R | null {
  for (const one of all) {
    const found = find(one);
    if (found !== null) return found;
  }
  return null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // It only looked like JSON, and is words.
    return null;
  }
}
