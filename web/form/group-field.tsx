import { recordIn, withField } from './change.js';
import { Help, WrongAsWhole } from './help.js';
import { type FieldGiven, labelOf, SchemaField } from './schema-field.js';

/** An object: its fields below each other. A field that is emptied is left out. */
export function GroupField({ schema, root, name, value, onChange, at, errors }: FieldGiven) {
  const record = recordIn(value);
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties ?? {}).map(([field, property]) => (
    <SchemaField
      key={field}
      schema={property}
      root={root}
      name={field}
      value={record[field]}
      onChange={(change) => onChange((before) => withField(before, { name: field, change }))}
      at={`${at}/${field}`}
      errors={errors}
      required={required.has(field)}
    />
  ));
  const wrong = <WrongAsWhole at={at} errors={errors} />;
  if (name === null) {
    return (
      <>
        {wrong}
        {fields}
      </>
    );
  }
  return (
    <fieldset>
      <legend>{labelOf(name, schema)}</legend>
      <Help schema={schema} value={value} />
      {wrong}
      {fields}
    </fieldset>
  );
}
