import { isRecord } from '../../../job-types/contract/is-record.js';

/** Seconds in a unit, by its first letters. */
const units: readonly [RegExp, number][] = [
  [/^(ms|milli)/i, 0.001],
  [/^s/i, 1],
  [/^m/i, 60],
  [/^h/i, 3600],
  [/^d/i, 86_400],
];

const keys: Readonly<Record<string, number>> = {
  retryDelay: 1,
  retry_delay: 1,
  retry_after: 1,
  retryAfter: 1,
  'retry-after': 1,
  'Retry-After': 1,
  retry_after_seconds: 1,
  retryAfterSeconds: 1,
  retry_after_ms: 0.001,
  retryAfterMs: 0.001,
};

/** Characters of a message that are read for a delay. */
const readCharacters = 2_000;

const asked =
  /\b(?:try again|retry(?:ing)?|wait|available|resets?)\b[^.\d\n]{0,40}?((?:\d{1,9}(?:\.\d{1,9})?\s{0,3}(?:ms|milliseconds?|seconds?|secs?|s|minutes?|mins?|m|hours?|h|days?)(?![a-z])\s{0,3}){1,4})/i;

const part = /(\d{1,9}(?:\.\d{1,9})?)\s{0,3}([a-z]+)/gi;

/** Seconds that an error asks us to wait, by a field of its own or in its words; null when it asks for nothing. */
export const bodyDelay = (body: unknown, message: string | null): number | null =>
  inFields(body, 0) ?? inWords(message ?? '');

function inFields(value: unknown, depth: number): number | null {
  if (typeof value !== 'object' || value === null || depth > 6) return null;
  for (const [key, inner] of Object.entries(value)) {
    const factor = Object.hasOwn(keys, key) ? keys[key] : undefined;
    const seconds = factor === undefined ? inFields(inner, depth + 1) : toSeconds(inner, factor);
    if (seconds !== null) return seconds;
  }
  return null;
}

/** "21s", "1.5", 30, or {seconds: 30}. */
function toSeconds(value: unknown, factor: number): number | null {
  if (isRecord(value)) return toSeconds(value['seconds'], factor);
  if (typeof value === 'number') return value > 0 ? value * factor : null;
  if (typeof value !== 'string' || value.length > 40) return null;
  return /^\s*\d+(\.\d+)?\s*$/.test(value) ? toSeconds(Number(value), factor) : sum(value);
}

function inWords(message: string): number | null {
  const words = asked.exec(message.slice(0, readCharacters))?.[1];
  return words === undefined ? null : sum(words);
}

function sum(words: string): number | null {
  let seconds = 0;
  for (const [, number, unit = ''] of words.matchAll(part)) {
    seconds += Number(number) * (units.find(([name]) => name.test(unit))?.[1] ?? 0);
  }
  return seconds > 0 ? Math.round(seconds * 1000) / 1000 : null;
}
