export const typeNames = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;
export type TypeName = (typeof typeNames)[number];

/** The formats that are checked. */
export const formatNames = [
  ...(['date-time', 'date', 'time', 'duration'] as const),
  ...(['email', 'hostname', 'uri', 'uuid', 'ipv4', 'ipv6'] as const),
];
export type FormatName = (typeof formatNames)[number];

/** `true` allows everything, `false` nothing. */
export type SchemaPart = boolean | SchemaObject;

/** The keywords that bind an answer; titles, descriptions and the like are beside them. */
export interface SchemaObject {
  /** `#` is the whole schema, `#/$defs/<name>` a definition. */
  $ref?: string;
  type?: TypeName | TypeName[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: SchemaPart[];
  oneOf?: SchemaPart[];
  allOf?: SchemaPart[];
  properties?: Record<string, SchemaPart>;
  required?: string[];
  additionalProperties?: SchemaPart;
  propertyNames?: SchemaPart;
  minProperties?: number;
  maxProperties?: number;
  items?: SchemaPart;
  prefixItems?: SchemaPart[];
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  /** Lengths count characters, as JSON Schema does, and not halves of surrogate pairs. */
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: FormatName;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
}

/** A whole schema. Definitions are nowhere else. */
export interface WholeSchema extends SchemaObject {
  $schema?: string;
  $defs?: Record<string, SchemaPart>;
}

const definition = '#/$defs/';

/** What a `$ref` means; undefined when it leads nowhere. */
export function resolveRef(ref: string, whole: WholeSchema): SchemaPart | undefined {
  if (ref === '#') return whole;
  if (!ref.startsWith(definition)) return undefined;
  const name = ref.slice(definition.length).replaceAll('~1', '/').replaceAll('~0', '~');
  return whole.$defs && Object.hasOwn(whole.$defs, name) ? whole.$defs[name] : undefined;
}
