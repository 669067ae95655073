import { useId } from 'react';
import { recordIn, withField } from '../form/change.js';
import { firstValue, type JsonSchema, kindOf, resolved, variantsOf } from '../form/json-schema.js';
import { type FieldGiven, SchemaField } from '../form/schema-field.js';
import { isRecord } from '../shared/value-view.js';

/** The field by which variants tell that they are meant: in each of them it has one value. Undefined where none does. */
export function decidingField(variants: readonly JsonSchema[]): string | undefined {
  const [first] = variants;
  return Object.keys(first?.properties ?? {}).find((name) =>
    variants.every(({ properties }) => properties?.[name]?.const !== undefined),
  );
}

/** Whether entries of a list are steps: each is one of several kinds, and what comes first is done first. */
export const areSteps = (items: JsonSchema, root: JsonSchema): boolean =>
  decidingField(variantsOf(items).map((one) => resolved(one, root))) !== undefined;

/** What of the old arguments the new operation knows is kept. */
function turnedInto(variant: JsonSchema, { value, root }: { value: unknown; root: JsonSchema }): unknown {
  const first = firstValue(variant, root);
  if (!isRecord(first) || !isRecord(value)) return first;
  return Object.fromEntries(
    Object.entries(first).map(([name, fresh]) => {
      const old = value[name];
      if (!isRecord(fresh) || !isRecord(old)) return [name, fresh];
      const known = resolved(variant.properties?.[name] ?? {}, root).properties ?? {};
      const kept = Object.entries(old).filter(([field]) => field in known);
      return [name, { ...fresh, ...Object.fromEntries(kept) }];
    }),
  );
}

/** One step of a plan: which operation it is, and the form of that operation's arguments. */
export function StepEntry({ schema, root, value, onChange, at, errors }: FieldGiven) {
  const id = useId();
  const variants = variantsOf(schema).map((one) => resolved(one, root));
  const field = decidingField(variants) ?? '';
  const record = recordIn(value);
  const constOf = ({ properties }: JsonSchema): unknown => properties?.[field]?.const;
  const chosen = variants.findIndex((one) => constOf(one) === record[field]);
  const variant = variants[chosen] ?? {};
  const required = new Set(variant.required);
  return (
    <>
      <div className="field operation">
        <label htmlFor={id}>Operation</label>
        <select
          id={id}
          value={chosen}
          aria-describedby={`${id}-help`}
          onChange={({ target }) =>
            onChange((before) => turnedInto(variants[Number(target.value)] ?? {}, { value: before, root }))
          }
        >
          {variants.map((one, index) => (
            <option key={String(constOf(one))} value={index}>
              {String(constOf(one))}
            </option>
          ))}
        </select>
        <p id={`${id}-help`} className="help">
          {variant.description}
        </p>
      </div>
      {Object.entries(variant.properties ?? {})
        .filter(([name]) => name !== field)
        .map(([name, property]) => (
          <SchemaField
            key={`${chosen} ${name}`}
            schema={property}
            root={root}
            // Its arguments are the step: they need no frame of their own.
            name={kindOf(resolved(property, root)) === 'group' ? null : name}
            value={record[name]}
            onChange={(change) => onChange((before) => withField(before, { name, change }))}
            at={`${at}/${name}`}
            errors={errors}
            required={required.has(name)}
          />
        ))}
    </>
  );
}
