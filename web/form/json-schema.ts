import { isRecord } from '../shared/value-view.js';

/** As much of JSON Schema as the schemas of job types are written in. */
export interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  type?: string | string[];
  title?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
  minItems?: number;
  maxItems?: number;
}

/** What is drawn for a part of a schema. */
export type Kind =
  'choice' | 'flag' | 'number' | 'text' | 'lines' | 'file' | 'files' | 'list' | 'group' | 'variants' | 'json';

/** Follows references within the document that the schema stands in. */
export function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const name = schema.$ref?.replace('#/$defs/', '');
  const target = name === undefined ? undefined : root.$defs?.[name];
  if (!target) return schema;
  const { $ref: _, ...own } = schema;
  return { ...resolved(target, root), ...own };
}

/** Without "or null", which an empty field says. Variants of variants are variants. */
export function variantsOf({ anyOf, oneOf }: JsonSchema): JsonSchema[] {
  return (anyOf ?? oneOf ?? [])
    .filter(({ type }) => type !== 'null')
    .flatMap((one) => ((one.anyOf ?? one.oneOf) && !takesNull(one) ? variantsOf(one) : [one]));
}

/** Where nothing can be said, as in a field of a word that nobody knows. */
export const takesNull = ({ anyOf, oneOf }: JsonSchema): boolean =>
  (anyOf ?? oneOf ?? []).some(({ type }) => type === 'null');

const isText = ({ type, enum: values }: JsonSchema): boolean => type === 'string' && values === undefined;

const isFile = ({ type, format }: JsonSchema): boolean => type === 'string' && format === 'file';

const kinds: readonly [Kind, (schema: JsonSchema) => boolean][] = [
  ['choice', ({ enum: values }) => values !== undefined],
  ['choice', (schema) => schema.const !== undefined],
  ['variants', (schema) => variantsOf(schema).length > 0],
  ['flag', ({ type }) => type === 'boolean'],
  ['number', ({ type }) => type === 'number' || type === 'integer'],
  ['file', isFile],
  ['text', ({ type }) => type === 'string'],
  ['group', ({ type, properties }) => type === 'object' && properties !== undefined],
  ['files', ({ type, items }) => type === 'array' && items !== undefined && isFile(items)],
  ['lines', ({ type, items }) => type === 'array' && items !== undefined && isText(items)],
  ['list', ({ type, items }) => type === 'array' && items !== undefined],
];

/** What no row fits is written as JSON. */
export const kindOf = (schema: JsonSchema): Kind => kinds.find(([, fits]) => fits(schema))?.[0] ?? 'json';

/** What a field that nobody has touched holds; undefined is left out of the request. */
export function firstValue(given: JsonSchema, root: JsonSchema): unknown {
  const schema = resolved(given, root);
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (takesNull(schema)) return null;
  if (['lines', 'files', 'list'].includes(kindOf(schema))) return [];
  if (kindOf(schema) !== 'group') return undefined;
  const required = new Set(schema.required);
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
      const value =
        required.has(name) || property.default !== undefined ? firstValue(property, root) : undefined;
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Of a proposal, what an answer of this form can say again. */
export function fitting(schema: JsonSchema, proposal: unknown): unknown {
  const form = resolved(schema, schema);
  if (!form.properties) return firstValue(form, schema);
  const names = new Set(Object.keys(form.properties));
  const proposed = isRecord(proposal) ? Object.entries(proposal).filter(([name]) => names.has(name)) : [];
  return { ...(firstValue(form, schema) as object), ...Object.fromEntries(proposed) };
}
