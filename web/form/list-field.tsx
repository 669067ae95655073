import { Help, WrongAsWhole } from './help.js';
import { labelOf, type FieldGiven, SchemaField } from './schema-field.js';
import { firstValue, type JsonSchema, resolved } from './json-schema.js';

/** Several of one kind: each can be edited and dropped, and more can be added. */
export function ListField({ schema, root, name, value, onChange, at, errors, required }: FieldGiven) {
  const values: readonly unknown[] = Array.isArray(value) ? value : [];
  const items: JsonSchema = schema.items ?? {};
  const label = labelOf(name, schema);
  const drop = (index: number) => {
    const left = values.toSpliced(index, 1);
    onChange(left.length === 0 && !required ? undefined : left);
  };
  return (
    <fieldset>
      <legend>
        {label} <span className="quiet">{values.length}</span>
      </legend>
      <Help schema={schema} value={value} />
      <WrongAsWhole at={at} errors={errors} />
      <ol className="list-field">
        {values.map((one, index) => (
          <li key={`${index} of ${values.length}`}>
            <SchemaField
              schema={items}
              root={root}
              name={null}
              value={one}
              onChange={(next) => onChange(values.with(index, next))}
              at={`${at}/${index}`}
              errors={errors}
              required
            />
            <button
              type="button"
              className="button button-small"
              aria-label={`Drop ${label} ${index + 1}`}
              onClick={() => drop(index)}
            >
              Drop
            </button>
          </li>
        ))}
      </ol>
      <button
        type="button"
        className="button button-small"
        onClick={() => onChange([...values, firstValue(resolved(items, root), root) ?? null])}
      >
        Add
      </button>
    </fieldset>
  );
}
