import { count } from '../shared/shown.js';
import type { JsonSchema } from './json-schema.js';

/** A limit that is far off is of no interest. */
const nearly = 0.9;
/** Entries that somebody may well write. */
const few = 100;

function range(least: number | undefined, most: number | undefined, unit: string): string {
  if (least !== undefined && most !== undefined) {
    return least === most ? `${count(least)}${unit}` : `${count(least)} to ${count(most)}${unit}`;
  }
  if (most !== undefined) return `at most ${count(most)}${unit}`;
  return least === undefined ? '' : `at least ${count(least)}${unit}`;
}

/** What no number of a program can pass is no limit that anybody has set. */
const set = (limit: number | undefined): number | undefined =>
  limit === undefined || Math.abs(limit) >= Number.MAX_SAFE_INTEGER ? undefined : limit;

/** Of how many, how large or how long the API takes it, in words; nothing where there is no limit to tell of. */
export function limitsOf(schema: JsonSchema, value: unknown): string {
  if (schema.type === 'number' || schema.type === 'integer') {
    if (schema.exclusiveMinimum === 0) return range(undefined, set(schema.maximum), '') || 'more than 0';
    return range(set(schema.minimum), set(schema.maximum), '');
  }
  if (schema.type === 'array') {
    // An empty list that may be left out is no list.
    const least = (schema.minItems ?? 0) > 1 ? schema.minItems : undefined;
    const { maxItems: most = Infinity } = schema;
    const present = Array.isArray(value) ? value.length : 0;
    return range(least, most <= few || present >= most * nearly ? most : undefined, ' entries');
  }
  const { maxLength } = schema;
  if (typeof value !== 'string' || maxLength === undefined || value.length < maxLength * nearly) return '';
  return `${count(value.length)} of at most ${count(maxLength)} characters`;
}
