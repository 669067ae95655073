import type { Change } from './change.js';
import { Help, WrongAsWhole } from './help.js';
import { labelOf, type FieldGiven, SchemaField } from './schema-field.js';
import { firstValue, type JsonSchema, resolved } from './json-schema.js';

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Several of one kind: each can be edited and dropped, and more can be added. */
export function ListField({ schema, root, name, value, onChange, at, errors, required }: FieldGiven) {
  const values = listIn(value);
  const items: JsonSchema = schema.items ?? {};
  const label = labelOf(name, schema);
  const drop = (index: number) =>
    onChange((before) => {
      const left = listIn(before).toSpliced(index, 1);
      return left.length === 0 && !required ? undefined : left;
    });
  const edit = (index: number, change: Change) =>
    onChange((before) => listIn(before).map((one, place) => (place === index ? change(one) : one)));
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
              onChange={(change) => edit(index, change)}
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
        onClick={() =>
          onChange((before) => [...listIn(before), firstValue(resolved(items, root), root) ?? null])
        }
      >
        Add
      </button>
    </fieldset>
  );
}
