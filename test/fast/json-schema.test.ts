import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { JsonSchema } from '../../job-types/fields/json-schema.js';
import type { WholeSchema } from '../../job-types/fields/json-schema/schema.js';
import { clientForm } from '../../activities/providers/json-schema/form.js';
import { findMismatch } from '../../activities/providers/json-schema/mismatch.js';
import { fitsStrict } from '../../activities/providers/json-schema/strict.js';
import { leastMs, promptMs } from '../harness/prompt.js';

/** Where a schema is refused, as JSON pointers. */
const refusedAt = (schema: unknown): string[] =>
  (JsonSchema.safeParse(schema).error?.issues ?? []).map(({ path }) =>
    path.map((part) => `/${String(part)}`).join(''),
  );

const nested = (levels: number): unknown =>
  levels === 0 ? { type: 'string' } : { type: 'array', items: nested(levels - 1) };

const person = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 3 },
    age: { type: ['integer', 'null'], minimum: 0, exclusiveMaximum: 150 },
    tags: { type: 'array', items: { enum: ['a', 'b'] }, maxItems: 2, uniqueItems: true },
    born: { type: 'string', format: 'date' },
    code: { type: 'string', pattern: '^[A-Z]{2}$' },
  },
  required: ['name'],
  additionalProperties: false,
} as const;

describe('a schema that can be used', () => {
  it.each<[string, unknown]>([
    ['says nothing', {}],
    [
      'is of every kind of keyword',
      { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Person', ...person },
    ],
    ['holds itself', { type: 'object', properties: { next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } } }],
    [
      'has definitions that hold themselves',
      { $ref: '#/$defs/tree', $defs: { tree: { type: 'array', items: { $ref: '#/$defs/tree' } } } },
    ],
    ['names a definition with a slash', { $ref: '#/$defs/a~1b', $defs: { 'a/b': { type: 'string' } } }],
    [
      'is what zod makes',
      z.toJSONSchema(
        z.object({
          at: z.iso.datetime(),
          map: z.record(z.string(), z.int()),
          pair: z.tuple([z.string(), z.number()]),
          id: z.uuid(),
          on: z.boolean().default(true),
        }),
      ),
    ],
    ['has choices', { oneOf: [{ const: 1 }, { const: 'a' }], allOf: [{ type: ['string', 'integer'] }] }],
  ])('%s', (_, schema) => {
    expect(refusedAt(schema)).toEqual([]);
  });
});

describe('a schema that cannot be used is refused, with a pointer to the place', () => {
  const at = (part: unknown) => ({ type: 'object', properties: { x: part } });
  it.each<[string, unknown, string[]]>([
    ['no object', 'string', ['']],
    ['null', null, ['']],
    ['a list', [], ['']],
    ['true, which says nothing', true, ['']],
    ['an unknown keyword', at({ type: 'string', nullable: true }), ['/properties/x/nullable']],
    ['a keyword that is not held', at({ not: { type: 'string' } }), ['/properties/x/not']],
    ['patterns of names', { type: 'object', patternProperties: {} }, ['/patternProperties']],
    ['a keyword of every object in JavaScript', at({ constructor: 1 }), ['/properties/x/constructor']],
    ['an unknown type', at({ type: 'text' }), ['/properties/x/type']],
    ['a part that is no schema', at('string'), ['/properties/x']],
    ['properties that are a list', { type: 'object', properties: [] }, ['/properties']],
    ['choices that are none', at({ anyOf: [] }), ['/properties/x/anyOf']],
    ['a choice that is no schema', at({ anyOf: [{}, 1] }), ['/properties/x/anyOf/1']],
    ['a list of types for items', at({ items: [{}] }), ['/properties/x/items']],
    ['a length below zero', at({ minLength: -1 }), ['/properties/x/minLength']],
    ['a multiple of nothing', at({ multipleOf: 0 }), ['/properties/x/multipleOf']],
    ['a pattern that is none', at({ pattern: '(' }), ['/properties/x/pattern']],
    ['a pattern that only sloppy JavaScript reads', at({ pattern: '\\-' }), ['/properties/x/pattern']],
    ['a pattern that is too long', at({ pattern: 'a'.repeat(1001) }), ['/properties/x/pattern']],
    ['a format that is not checked', at({ format: 'colour' }), ['/properties/x/format']],
    ['a reference to elsewhere', at({ $ref: 'https://example.org/schema' }), ['/properties/x/$ref']],
    ['a reference to a place that is no definition', at({ $ref: '#/properties/x' }), ['/properties/x/$ref']],
    ['a definition that is not there', at({ $ref: '#/$defs/x' }), ['/properties/x/$ref']],
    ['definitions further in', at({ $defs: {} }), ['/properties/x/$defs']],
    ['a reference that means itself', { $defs: { a: { $ref: '#/$defs/a' } } }, ['/$defs/a/$ref']],
    [
      'references that mean each other',
      { $defs: { a: { $ref: '#/$defs/b' }, b: { anyOf: [{ $ref: '#/$defs/a' }, { type: 'null' }] } } },
      ['/$defs/a/$ref', '/$defs/b/anyOf/0/$ref'],
    ],
    [
      'a whole that is not of one type and holds itself',
      { anyOf: [{ type: 'array', items: { $ref: '#' } }] },
      ['/anyOf/0/items/$ref'],
    ],
    ['a text that cannot be stored', at({ enum: ['a\0'] }), ['/properties/x/enum/0']],
    ['a name that cannot be stored', { type: 'object', properties: { 'a\ud800': {} } }, ['/properties']],
    ['32 levels and more', nested(40), ['/items'.repeat(32)]],
    ['64 KiB and more', { description: 'x'.repeat(70_000) }, ['']],
    ['mistakes in several places', { type: 'x', items: 1 }, ['/type', '/items']],
  ])('%s', (_, schema, pointers) => {
    expect(refusedAt(schema)).toEqual(pointers);
  });

  it('however deep it nests, and at once', () => {
    const deep = JSON.parse(`${'{"items":'.repeat(100_000)}{}${'}'.repeat(100_000)}`) as unknown;
    expect(refusedAt(deep)).toHaveLength(1);
    expect(refusedAt({ enum: Array.from({ length: 300_000 }, () => []) })).toEqual(['']);
  });

  it('without naming more than twenty places', () => {
    expect(
      refusedAt(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`x${index}`, 1]))),
    ).toHaveLength(20);
  });
});

describe('an answer', () => {
  const placeOf = (value: unknown, schema: WholeSchema): string | null => {
    const mismatch = findMismatch(value, schema);
    return mismatch && `/${mismatch.path.join('/')} ${mismatch.what}`;
  };

  it.each<[unknown, WholeSchema]>([
    [
      { name: 'Ann', age: null, tags: ['a', 'b'], born: '2000-02-29', code: 'ES' },
      person as unknown as WholeSchema,
    ],
    ['👋👋👋', { maxLength: 3, minLength: 3 }],
    [0.3, { multipleOf: 0.1 }],
    [2.0, { type: 'integer' }],
    [{ b: 1, a: [2] }, { const: { a: [2], b: 1 } }],
    [['a', 1, 2], { prefixItems: [{ type: 'string' }], items: { type: 'number' } }],
    [
      { a: 1, other: 'x' },
      { properties: { a: { type: 'number' } }, additionalProperties: { type: 'string' } },
    ],
    [
      { v: [{ v: [] }] },
      { type: 'object', properties: { v: { type: 'array', items: { $ref: '#' } } }, required: ['v'] },
    ],
    ['x', { oneOf: [{ type: 'string' }, { type: 'number' }] }],
    ['12:30', { format: 'time' }],
    ['12:30:00Z', { format: 'time' }],
    [7, { format: 'date', pattern: '^x', minLength: 9 }],
    [{ __proto__x: 1 }, { properties: {}, minProperties: 1 }],
  ])('%j matches', (value, schema) => {
    expect(refusedAt(schema)).toEqual([]);
    expect(placeOf(value, schema)).toBeNull();
  });

  it.each<[unknown, WholeSchema, string]>([
    [{}, person as unknown as WholeSchema, '/ has no "name"'],
    [{ name: '' }, person as unknown as WholeSchema, '/name has fewer than 1 characters'],
    [{ name: 'Anna' }, person as unknown as WholeSchema, '/name has more than 3 characters'],
    [{ name: 'A', age: 1.5 }, person as unknown as WholeSchema, '/age is not of type integer or null'],
    [{ name: 'A', age: -1 }, person as unknown as WholeSchema, '/age is below 0'],
    [{ name: 'A', age: 150 }, person as unknown as WholeSchema, '/age is not below 150'],
    [{ name: 'A', tags: ['a', 'c'] }, person as unknown as WholeSchema, '/tags/1 is none of "enum"'],
    [{ name: 'A', tags: ['a', 'a'] }, person as unknown as WholeSchema, '/tags has an item twice'],
    [{ name: 'A', tags: ['a', 'b', 'a'] }, person as unknown as WholeSchema, '/tags has more than 2 items'],
    [{ name: 'A', born: '2001-02-29' }, person as unknown as WholeSchema, '/born is no date'],
    [{ name: 'A', code: 'esp' }, person as unknown as WholeSchema, '/code does not match "pattern"'],
    [{ name: 'A', more: 1 }, person as unknown as WholeSchema, '/more is not allowed'],
    [JSON.parse('{"__proto__": 1}'), { additionalProperties: false }, '/__proto__ is not allowed'],
    [{}, { required: ['toString'] }, '/ has no "toString"'],
    [JSON.parse('1e999'), { type: 'number' }, '/ is not of type number'],
    [1, { anyOf: [{ type: 'string' }, { minimum: 2 }] }, '/ matches none of "anyOf"'],
    [3, { oneOf: [{ type: 'number' }, { minimum: 2 }] }, '/ does not match exactly one of "oneOf"'],
    [3, { allOf: [{ minimum: 2 }, { maximum: 2 }] }, '/ is above 2'],
    [
      'long',
      { $ref: '#/$defs/s', maxLength: 2, $defs: { s: { type: 'string' } } },
      '/ has more than 2 characters',
    ],
    [{ 'a b': 1 }, { propertyNames: { pattern: '^\\w+$' } }, '/a b does not match "pattern"'],
    [[], { type: 'array', minItems: 1 }, '/ has fewer than 1 items'],
    [['a', 1], { prefixItems: [{}], items: false }, '/1 is not allowed'],
    [0.35, { multipleOf: 0.1 }, '/ is no multiple of 0.1'],
    [
      { a: [{ a: 1 }] },
      { properties: { a: { type: 'array', items: { $ref: '#' } } }, type: 'object' },
      '/a/0/a is not of type array',
    ],
  ])('%j does not', (value, schema, place) => {
    expect(refusedAt(schema)).toEqual([]);
    expect(placeOf(value, schema)).toBe(place);
  });
});

describe('the form of an answer', () => {
  it.each<[string, WholeSchema, string, unknown]>([
    ['an object', { type: 'object' }, '{"value": 1}', { value: 1 }],
    ['a list', { type: 'array' }, '{"value": [1]}', [1]],
    ['a list that was not put into an object', { type: 'array' }, '[1]', [1]],
    ['a text', { type: 'string' }, '{"value": "a"}', 'a'],
    ['in a fence', { type: 'object' }, '```json\n{}\n```', {}],
  ])('reads %s', (_, schema, text, value) => {
    expect(clientForm(schema).read(text)).toEqual(value);
  });

  it.each<[string, string, RegExp]>([
    ['no JSON', 'Here you are', /not valid JSON/],
    ['another value', '{"value": "a"}', /another form than was asked for: \/ is not of type array/],
    ['JSON that no stack holds', '['.repeat(100_000) + ']'.repeat(100_000), /nests too deep/],
  ])('does not believe %s', (_, text, what) => {
    expect(() => clientForm({ type: 'array' }).read(text)).toThrow(what);
  });

  it.each<[string, WholeSchema, unknown]>([
    ['an expression that tries for ever', { type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(50)}b`],
    [
      'choices within choices',
      {
        $ref: '#/$defs/d0',
        $defs: Object.fromEntries(
          Array.from({ length: 40 }, (_, at) => [
            `d${at}`,
            at === 39
              ? { type: 'string' }
              : { anyOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 1}` }] },
          ]),
        ),
      },
      1,
    ],
  ])('stops %s, in half a second', async (_, schema, value) => {
    expect(refusedAt(schema)).toEqual([]);
    const least = await leastMs(promptMs, async () => {
      const at = performance.now();
      expect(() => clientForm(schema).read(JSON.stringify({ value }))).toThrow(
        expect.objectContaining({ code: 'schema-too-costly' }),
      );
      return performance.now() - at;
    });
    expect(least).toBeLessThan(promptMs);
  });
});

describe('strict structured output', () => {
  const closed = {
    type: 'object',
    properties: { a: { type: 'string' } },
    required: ['a'],
    additionalProperties: false,
  } as const;
  const inside = (part: unknown): WholeSchema =>
    ({ ...closed, properties: { a: part } }) as unknown as WholeSchema;

  it.each<[string, unknown]>([
    ['a closed object', closed],
    ['closed objects in lists', inside({ type: 'array', items: closed })],
    ['a choice with null', inside({ anyOf: [{ type: 'string' }, { type: 'null' }] })],
    ['an object that holds itself', inside({ anyOf: [{ $ref: '#' }, { type: 'null' }] })],
  ])('takes %s', (_, schema) => {
    expect(fitsStrict(schema as WholeSchema)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['a list', { type: 'array', items: closed }],
    ['an open object', { ...closed, additionalProperties: true }],
    ['an object with a property that may be left out', { ...closed, required: [] }],
    ['an open object in a list', inside({ type: 'array', items: { type: 'object' } })],
    ['an open object among the definitions', { ...closed, $defs: { a: { type: 'object' } } }],
    ['a keyword that some servers do not know', inside({ type: 'string', minLength: 1 })],
    ['anything at all', inside({})],
    ['a reference with a description', inside({ $ref: '#', description: 'again' })],
  ])('is not asked for with %s', (_, schema) => {
    expect(fitsStrict(schema as WholeSchema)).toBe(false);
  });
});
