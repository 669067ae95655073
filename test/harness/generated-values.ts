import fc from 'fast-check';
import { type OpenApiDocument, resolveRef } from './openapi-document.js';

type Schema = Record<string, unknown>;

/** Strings that break what is put together by hand. */
const oddText = fc.constantFrom(
  '',
  ' ',
  '\u0000',
  '\ud800',
  '%',
  '_',
  '\\',
  "'; --",
  '__proto__',
  '../..',
  '🦞',
);

export const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), oddText);

/**
 * Values that a schema of the document allows.
 *
 * @param likely by property name, what a schema cannot say: an address that exists, a language there is
 */
export function valuesOf(
  schema: Schema,
  { document, likely }: { document: OpenApiDocument; likely: Readonly<Record<string, unknown>> },
): fc.Arbitrary<unknown> {
  const of = (part: unknown): fc.Arbitrary<unknown> => {
    const given = part as Schema;
    if (typeof given['$ref'] === 'string') return of(resolveRef(document, given['$ref']));
    const choices = (given['oneOf'] ?? given['anyOf']) as unknown[] | undefined;
    if (choices) return fc.oneof(...choices.map(of));
    if ('const' in given) return fc.constant(given['const']);
    if (Array.isArray(given['enum'])) return fc.constantFrom(...(given['enum'] as unknown[]));
    const make = byType[String(given['type'])];
    return make ? make(given, of) : fc.jsonValue({ maxDepth: 2 });
  };
  const objects = (given: Schema, next: typeof of): fc.Arbitrary<unknown> => {
    const properties = Object.entries((given['properties'] ?? {}) as Record<string, Schema>);
    const known = Object.fromEntries(
      properties.map(([name, property]) => [
        name,
        // A constant says itself what it is.
        name in likely && !('const' in property)
          ? fc.oneof(
              { weight: 9, arbitrary: fc.constant(likely[name]) },
              { weight: 1, arbitrary: next(property) },
            )
          : next(property),
      ]),
    );
    const required = Object.keys(known).filter((name) =>
      (given['required'] as string[] | undefined)?.includes(name),
    );
    const least = Object.fromEntries(required.map((name) => [name, known[name] ?? fc.constant(null)]));
    // With every other field drawn as well, hardly a body would pass all the rules that a schema cannot state.
    const record: fc.Arbitrary<object> = fc.oneof(
      fc.record(least),
      fc.record(known, { requiredKeys: required }),
    );
    const rest = given['additionalProperties'];
    if (typeof rest !== 'object' || rest === null) return record;
    const names = given['propertyNames'] ? next(given['propertyNames']) : anyText;
    const more = fc.dictionary(names as fc.Arbitrary<string>, next(rest), { maxKeys: 3 });
    return fc.tuple(more, record).map(([extra, own]) => ({ ...extra, ...own }));
  };
  const byType: Record<string, (given: Schema, next: typeof of) => fc.Arbitrary<unknown>> = {
    string: strings,
    integer: (given) => fc.integer(rangeOf(given)),
    number: (given) => fc.double({ ...rangeOf(given), noNaN: true }),
    boolean: () => fc.boolean(),
    null: () => fc.constant(null),
    array: (given, next) =>
      fc.array(next(given['items'] ?? {}), { maxLength: Math.min(4, Number(given['maxItems'] ?? 4)) }),
    object: objects,
  };
  return of(schema);
}

function strings(given: Schema): fc.Arbitrary<string> {
  if (given['format'] === 'date-time')
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
      .map((date) => date.toISOString());
  if (typeof given['pattern'] === 'string') return fc.stringMatching(new RegExp(given['pattern'], 'u'));
  const minLength = Number(given['minLength'] ?? 0);
  return fc.string({
    unit: 'grapheme',
    minLength,
    maxLength: Math.max(minLength, Math.min(60, Number(given['maxLength'] ?? 60))),
  });
}

function rangeOf(given: Schema): { min?: number; max?: number } {
  const { minimum, maximum } = given;
  return {
    ...(typeof minimum === 'number' ? { min: Math.max(minimum, -(2 ** 31)) } : {}),
    ...(typeof maximum === 'number' ? { max: Math.min(maximum, 2 ** 31 - 1) } : {}),
  };
}

/** The value with one thing in it changed: dropped, replaced or added, anywhere. */
export function mutated(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const change = fc.record({
    how: fc.constantFrom('drop' as const, 'replace' as const, 'add' as const),
    steps: fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 4 }),
    value: fc.jsonValue({ maxDepth: 2 }),
    name: anyText,
  });
  return fc.tuple(values, change).map(([value, how]) => changed(value, how));
}

interface Change {
  how: 'drop' | 'replace' | 'add';
  /** Which member to go into, at each level. */
  steps: number[];
  value: unknown;
  name: string;
}

function changed(value: unknown, { how, steps: [step, ...rest], value: other, name }: Change): unknown {
  if (typeof value !== 'object' || value === null || step === undefined) return other;
  const entries = Object.entries(value);
  const at = entries.length === 0 ? -1 : step % entries.length;
  const inner = entries[at]?.[1] as unknown;
  const goOn = rest.length > 0 && typeof inner === 'object' && inner !== null;
  const made = entries.flatMap(([key, child], index): [string, unknown][] => {
    if (index !== at || (how === 'add' && !goOn)) return [[key, child]];
    if (goOn) return [[key, changed(child, { how, steps: rest, value: other, name })]];
    return how === 'drop' ? [] : [[key, other]];
  });
  if (how === 'add' && !goOn) made.push([name, other]);
  return Array.isArray(value) ? made.map(([, child]) => child) : Object.fromEntries(made);
}
