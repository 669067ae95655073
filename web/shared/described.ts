import { sentenceCase, words } from './shown.js';

/** As much of JSON Schema as tells what the parts of a value are called. */
export interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  title?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
}

/** With what a reference leads to; of several forms, one that has parts. */
function opened(schema: JsonSchema): JsonSchema {
  const { $defs } = schema;
  const name = schema.$ref?.replace('#/$defs/', '');
  const target = (name !== undefined && $defs?.[name]) || {};
  const form = schema.anyOf?.find((one) => one.$ref ?? one.properties ?? one.items) ?? {};
  const inner = form.$ref === undefined ? form : opened({ ...form, ...($defs && { $defs }) });
  return { ...inner, ...target, ...schema };
}

/** The schema of a part of a value: of a field, or of the entries of a list. */
export function partOf(schema: JsonSchema | undefined, name: string | number): JsonSchema | undefined {
  if (schema === undefined) return undefined;
  const { properties, items, $defs } = opened(schema);
  const part = typeof name === 'number' ? items : properties?.[name];
  return part && opened({ ...part, ...($defs && { $defs }) });
}

export const titleOf = (schema: JsonSchema | undefined, name: string): string =>
  partOf(schema, name)?.title ?? sentenceCase(words(name));
