import type { Failure } from '../../client/index.js';
import type { Change } from './change.js';
import type { JsonSchema } from './json-schema.js';
import { SchemaField } from './schema-field.js';

export type FieldErrors = NonNullable<Failure['errors']>;

export interface FormGiven {
  schema: JsonSchema;
  value: unknown;
  onChange(change: Change): void;
  /** Where the value stands in the request, as the API points at it. */
  at: string;
  errors: FieldErrors;
}

/** A form for anything that a JSON Schema describes. */
export function SchemaForm({ schema, ...rest }: FormGiven) {
  return <SchemaField schema={schema} root={schema} name={null} required {...rest} />;
}
