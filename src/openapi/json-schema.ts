import { z } from 'zod';
import { portablePattern } from './portable-pattern.js';

interface JsonSchema {
  $schema?: string;
  $defs?: Record<string, JsonSchema>;
  id?: string;
  [key: string]: unknown;
}

export interface Converted {
  schema: JsonSchema;
  components: Record<string, JsonSchema>;
}

/** Marks the schema of a body that may be left out: the converter sees the schema alone, not the request. */
export const optionalBody = 'x-optional-body';

const definitions = '#/$defs/';
const components = '#/components/schemas/';
/** A definition without a name of its own, or a whole schema without one that holds itself, is z.json(): any JSON. */
const anyJson = /^#(\/\$defs\/__schema\d+)?$/;

/** zod writes `$defs` where OpenAPI wants components; schemas with an id are shared between routes. */
export function toJsonSchema(type: z.ZodType, io: 'input' | 'output'): Converted {
  const {
    $schema: _,
    $defs = {},
    id,
    ...root
  } = z.toJSONSchema(type, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
    override: ({ jsonSchema }) => {
      // The format says the same.
      if (jsonSchema.format === 'date-time' || jsonSchema.format === 'date') delete jsonSchema.pattern;
      if (jsonSchema.pattern !== undefined) jsonSchema.pattern = portablePattern(jsonSchema.pattern);
    },
  }) as JsonSchema;
  const holdsItself = JSON.stringify(root).includes('"$ref":"#"');
  const schema = id === undefined && holdsItself ? { description: 'Any JSON' } : linked(root, id);
  const named = Object.entries($defs)
    .filter(([name]) => !anyJson.test(definitions + name))
    .map(([name, { id: _id, ...definition }]) => [name, linked(definition, name)]);
  const shared = Object.fromEntries(named) as Record<string, JsonSchema>;
  const mark = type instanceof z.ZodOptional ? { [optionalBody]: true } : {};
  if (id === undefined) return { schema: { ...schema, ...mark }, components: shared };
  return { schema: { $ref: components + id, ...mark }, components: { ...shared, [id]: schema } };
}

/** The schema with references as OpenAPI writes them, and none to what is any JSON. */
function linked(schema: JsonSchema, id: string | undefined): JsonSchema {
  const text = JSON.stringify(schema, (key, value: unknown) => {
    if (key !== '$ref' || typeof value !== 'string') return value;
    if (value === '#' && id !== undefined) return components + id;
    return anyJson.test(value) ? undefined : value.replace(definitions, components);
  });
  return JSON.parse(text) as JsonSchema;
}
