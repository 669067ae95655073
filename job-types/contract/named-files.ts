import { isRecord } from './is-record.js';

export const fileIdForm = /^file_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const isFileId = (text: string): boolean => fileIdForm.test(text);

/** A place in a value where a file is named. */
export interface NamedFile {
  id: string;
  path: readonly (string | number)[];
}

/** @returns the files that a value of a JSON Schema names, each place once */
export function namedFiles(schema: unknown, value: unknown): NamedFile[] {
  const found = new Map<string, NamedFile>();
  for (const file of filesIn({ schema, root: schema }, { value, path: [] })) {
    found.set(JSON.stringify(file.path), file);
  }
  return [...found.values()];
}

interface Within {
  /** Of this place. */
  schema: unknown;
  /** Where its references lead. */
  root: unknown;
}

interface Place {
  value: unknown;
  path: readonly (string | number)[];
}

function* filesIn({ schema, root }: Within, { value, path }: Place): Generator<NamedFile> {
  if (!isRecord(schema)) return;
  if (typeof schema['$ref'] === 'string') {
    yield* filesIn({ schema: referred(schema['$ref'], root), root }, { value, path });
  }
  if (schema['format'] === 'file' && typeof value === 'string' && isFileId(value)) yield { id: value, path };
  for (const branch of ['anyOf', 'oneOf', 'allOf'].flatMap((name) => listOf(schema[name]))) {
    yield* filesIn({ schema: branch, root }, { value, path });
  }
  for (const [key, inner] of entriesOf(value)) {
    const place = { value: inner, path: [...path, key] };
    yield* filesIn({ schema: schemaAt(schema, key), root }, place);
  }
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function entriesOf(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) return [...value.entries()];
  return isRecord(value) ? Object.entries(value) : [];
}

function schemaAt(schema: Readonly<Record<string, unknown>>, key: string | number): unknown {
  if (typeof key === 'number') return listOf(schema['prefixItems'])[key] ?? schema['items'];
  const properties = schema['properties'];
  if (isRecord(properties) && Object.hasOwn(properties, key)) return properties[key];
  return schema['additionalProperties'];
}

/** "#" and "#/$defs/name". */
const referred = (ref: string, root: unknown): unknown =>
  ref
    .split('/')
    .slice(1)
    .reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), root);
