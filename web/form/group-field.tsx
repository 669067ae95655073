import { useLayoutEffect, useRef } from 'react';
import { isRecord } from '../shared/value-view.js';
import { Help, WrongAsWhole } from './help.js';
import { type FieldGiven, labelOf, SchemaField } from './schema-field.js';

const recordIn = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {});

/** An object: its fields below each other. A field that is emptied is left out. */
export function GroupField({ schema, root, name, value, onChange, at, errors }: FieldGiven) {
  const record = recordIn(value);
  const required = new Set(schema.required);
  // Two files may arrive before either is drawn. Of what was drawn, the second would take the first away.
  const latest = useRef(record);
  useLayoutEffect(() => {
    latest.current = recordIn(value);
  }, [value]);
  const change = (field: string, next: unknown) => {
    const { [field]: _, ...others } = latest.current;
    latest.current = next === undefined ? others : { ...latest.current, [field]: next };
    onChange(latest.current);
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
