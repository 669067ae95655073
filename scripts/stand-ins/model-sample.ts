type Schema = Record<string, unknown>;

/** Enough for schemas that hold themselves, where what is not required is left out from here on. */
const usualDepth = 3;

/** A value that a schema allows, always the same. It knows what tests and demonstrations ask for, and no more. */
export function sampleOf(whole: Schema): unknown {
  const make = (part: unknown, depth: number): unknown => {
    if (typeof part !== 'object' || part === null) return 'anything';
    const schema = part as Schema;
    const ref = schema['$ref'];
    if (typeof ref === 'string') return make(follow(ref, whole), depth);
    if ('const' in schema) return schema['const'];
    const [first] = (schema['enum'] ?? []) as unknown[];
    if (first !== undefined) return first;
    const [choice] = (schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf'] ?? []) as unknown[];
    if (choice !== undefined) return make(choice, depth);
    const [type] = [schema['type']].flat();
    return byType[String(type)]?.(schema, depth) ?? null;
  };
  const byType: Record<string, (schema: Schema, depth: number) => unknown> = {
    object: (schema, depth) => {
      const required = (schema['required'] ?? []) as string[];
      const properties = Object.entries((schema['properties'] ?? {}) as Schema).filter(
        ([name]) => depth < usualDepth || required.includes(name),
      );
      return Object.fromEntries(properties.map(([name, inner]) => [name, make(inner, depth + 1)]));
    },
    array: (schema, depth) => {
      const length =
        depth < usualDepth ? Math.max(Number(schema['minItems'] ?? 1), 1) : Number(schema['minItems'] ?? 0);
      return Array.from({ length }, () => make(schema['items'], depth + 1));
    },
    string: (schema) =>
      texts[String(schema['format'])] ?? 'word '.repeat(Number(schema['minLength'] ?? 1)).trim(),
    number: (schema) => schema['minimum'] ?? 1,
    integer: (schema) => schema['minimum'] ?? 1,
    boolean: () => true,
  };
  return make(whole, 0);
}

const texts: Readonly<Record<string, string>> = {
  date: '2026-01-01',
  'date-time': '2026-01-01T00:00:00Z',
  email: 'somebody@example.org',
  uri: 'https://example.org/',
};

const follow = (ref: string, whole: Schema): unknown =>
  ref
    .split('/')
    .slice(1)
    .reduce<unknown>((at, name) => (at as Schema | undefined)?.[name], whole);
