import type { JsonSchema } from './json-schema.js';
import { limitsOf } from './limits.js';
import type { FieldErrors } from './schema-form.js';

/** What a field is for, and its limits. */
export const helpOf = (schema: JsonSchema, value: unknown): string =>
  [schema.description, limitsOf(schema, value)].filter(Boolean).join(' · ');

export function Help({ schema, value }: { schema: JsonSchema; value: unknown }) {
  const said = helpOf(schema, value);
  return said === '' ? null : <p className="help">{said}</p>;
}

/** What the API has said against a list or a group as a whole. */
export function WrongAsWhole({ at, errors }: { at: string; errors: FieldErrors }) {
  const wrong = errors.filter(({ pointer }) => pointer === at);
  return wrong.length === 0 ? null : (
    <p className="wrong wrong-as-whole" tabIndex={-1}>
      {wrong.map(({ detail }) => detail).join('; ')}
    </p>
  );
}
