import { isRecord } from '../shared/value-view.js';
import { type FieldGiven, labelOf, SchemaField } from './schema-field.js';

/** An object: its fields below each other. A field that is emptied is left out. */
export function GroupField({ schema, root, name, value, onChange, at, errors }: FieldGiven) {
  const record = isRecord(value) ? value : {};
  const required = new Set(schema.required);
  const change = (field: string, next: unknown) => {
    const { [field]: _, ...others } = record;
    onChange(next === undefined ? others : { ...record, [field]: next });
  };
  const fields = Object.entries(schema.properties ?? {}).map(([field, property]) => (
    <SchemaField
      key={field}
      schema={property}
      root={root}
      name={field}
      value={record[field]}
      onChange={(next) => change(field, next)}
      at={`${at}/${field}`}
      errors={errors}
      required={required.has(field)}
    />
  ));
  if (name === null) return <>{fields}</>;
  return (
    <fieldset>
      <legend>{labelOf(name, schema)}</legend>
      {schema.description && <p className="help">{schema.description}</p>}
      {fields}
    </fieldset>
  );
}
