import { z } from 'zod';
import { formatNames, typeNames } from './schema.js';

/** What a keyword takes that is made of schemas: one, several, or several by name. */
export type Nested = 'schema' | 'schemas' | 'named schemas';

const count = z.int().min(0);
const anything = z.unknown();
const text = z.string();

/** What it matches, and how long that takes, is seen when an answer is there: see `within` in activities/. */
const Expression = text.max(1000).refine((source) => {
  try {
    return new RegExp(source, 'u') instanceof RegExp;
  } catch {
    // SyntaxError: JavaScript has no other way to ask.
    return false;
  }
}, 'is no regular expression as JavaScript reads it with the flag "u"');

/** Every keyword of the subset, and what it takes. */
export const keywords: Readonly<Record<string, z.ZodType | Nested>> = {
  $ref: text,
  type: z.union([z.enum(typeNames), z.array(z.enum(typeNames)).min(1)], {
    error: `must be one of ${typeNames.join(', ')}, or a list of these`,
  }),
  enum: z.array(anything).min(1),
  const: anything,
  anyOf: 'schemas',
  oneOf: 'schemas',
  allOf: 'schemas',
  properties: 'named schemas',
  required: z.array(text),
  additionalProperties: 'schema',
  propertyNames: 'schema',
  minProperties: count,
  maxProperties: count,
  items: 'schema',
  prefixItems: 'schemas',
  minItems: count,
  maxItems: count,
  uniqueItems: z.boolean(),
  minLength: count,
  maxLength: count,
  pattern: Expression,
  format: z.enum(formatNames),
  minimum: z.number(),
  maximum: z.number(),
  exclusiveMinimum: z.number(),
  exclusiveMaximum: z.number(),
  multipleOf: z.number().positive(),
  // These bind no answer. The model reads them.
  title: text,
  description: text,
  default: anything,
  examples: z.array(anything),
  deprecated: z.boolean(),
  $comment: text,
};

/** A whole schema may have these as well. */
export const rootKeywords: typeof keywords = { ...keywords, $schema: text, $defs: 'named schemas' };
