import { canonicalJson } from '../../../job-types/contract/canonical-json.js';
import { isRecord } from '../../../job-types/contract/is-record.js';
import {
  type SchemaObject,
  type SchemaPart,
  type WholeSchema,
  resolveRef,
} from '../../../job-types/fields/json-schema/schema.js';
import { wrongCount, wrongWith } from './single-value.js';

/** Where a value breaks a schema first. */
export interface Mismatch {
  path: readonly string[];
  what: string;
}

interface Place {
  path: readonly string[];
  whole: WholeSchema;
}

/**
 * Where a value breaks a schema that `JsonSchema` has let through; null when it matches. Nothing here bounds how long
 * that takes: an expression may try for ever, and choices may hold choices.
 */
export const findMismatch = (value: unknown, whole: WholeSchema): Mismatch | null =>
  inPart(value, whole, { path: [], whole });

function inPart(value: unknown, part: SchemaPart | undefined, place: Place): Mismatch | null {
  if (part === true || part === undefined) return null;
  if (part === false) return { path: place.path, what: 'is not allowed' };
  const what = wrongWith(value, part);
  if (what !== null) return { path: place.path, what };
  const inside = Array.isArray(value)
    ? inItems(value, part, place)
    : isRecord(value)
      ? inProperties(value, part, place)
      : null;
  return inside ?? inOthers(value, part, place);
}

const below = ({ path, whole }: Place, key: string | number): Place => ({
  path: [...path, String(key)],
  whole,
});

/** The first that there is: the rest is not looked at. */
function first<T>(all: Iterable<T>, find: (one: T) => Mismatch | null): Mismatch | null {
  for (const one of all) {
    const found = find(one);
    if (found) return found;
  }
  return null;
}

function inItems(items: unknown[], part: SchemaObject, place: Place): Mismatch | null {
  const { minItems, maxItems, uniqueItems, prefixItems = [] } = part;
  const what =
    wrongCount(items.length, { least: minItems, most: maxItems, unit: 'items' }) ??
    (uniqueItems && new Set(items.map(canonicalJson)).size < items.length ? 'has an item twice' : null);
  if (what !== null) return { path: place.path, what };
  return first(items.entries(), ([index, item]) =>
    inPart(item, index < prefixItems.length ? prefixItems[index] : part.items, below(place, index)),
  );
}

function inProperties(value: Record<string, unknown>, part: SchemaObject, place: Place): Mismatch | null {
  const { properties = {}, required = [], propertyNames, minProperties, maxProperties } = part;
  const missing = required.find((name) => !Object.hasOwn(value, name));
  const what =
    (missing === undefined ? null : `has no "${missing}"`) ??
    wrongCount(Object.keys(value).length, { least: minProperties, most: maxProperties, unit: 'properties' });
  if (what !== null) return { path: place.path, what };
  return first(Object.entries(value), ([name, child]) => {
    const at = below(place, name);
    const known = Object.hasOwn(properties, name) ? properties[name] : part.additionalProperties;
    return inPart(name, propertyNames, at) ?? inPart(child, known, at);
  });
}

/** What the schema says by other schemas, of the same value. */
function inOthers(value: unknown, part: SchemaObject, place: Place): Mismatch | null {
  const { $ref, allOf = [], anyOf, oneOf } = part;
  const { path } = place;
  const fits = (one: SchemaPart) => inPart(value, one, place) === null;
  const whole = $ref === undefined ? [] : [resolveRef($ref, place.whole)];
  const found = first([...whole, ...allOf], (one) => inPart(value, one, place));
  if (found) return found;
  if (anyOf && !anyOf.some(fits)) return { path, what: 'matches none of "anyOf"' };
  if (oneOf && oneOf.filter(fits).length !== 1)
    return { path, what: 'does not match exactly one of "oneOf"' };
  return null;
}
