import { useId, useState } from 'react';
import { sentenceCase, words } from '../shared/shown.js';
import { inLine, isRecord } from '../shared/value-view.js';
import { firstValue, type JsonSchema, resolved, takesNull, variantsOf } from './json-schema.js';
import { labelOf, type FieldGiven, SchemaField } from './schema-field.js';

const jsonTypeOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  return value === null ? 'null' : typeof value;
};

/** Whether a value may be meant by a variant: as far as its type and its required fields tell. */
function mayBe({ type, required, const: only }: JsonSchema, value: unknown): boolean {
  if (only !== undefined) return only === value;
  if (isRecord(value)) return (required ?? []).every((name) => name in value);
  return (
    type === undefined || type === jsonTypeOf(value) || (type === 'integer' && typeof value === 'number')
  );
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'Text',
  number: 'Number',
  integer: 'Whole number',
  boolean: 'Yes or no',
  array: 'List',
};

function nameOf(schema: JsonSchema, index: number): string {
  if (schema.title !== undefined) return schema.title;
  if (schema.const !== undefined) return inLine(schema.const);
  const typeName = typeNames[String(schema.type)];
  if (typeName !== undefined) return typeName;
  const [first] = schema.required ?? Object.keys(schema.properties ?? {});
  return sentenceCase(first === undefined ? `${String(schema.type ?? 'form')} ${index + 1}` : words(first));
}

/** One of several forms: the person chooses which, and fills that in. */
export function VariantsField(given: FieldGiven) {
  const { schema, root, name, value, onChange } = given;
  const id = useId();
  const variants = variantsOf(schema).map((variant) => resolved(variant, root));
  const [chosen, choose] = useState(() =>
    Math.max(
      0,
      variants.findIndex((variant) => value !== undefined && mayBe(variant, value)),
    ),
  );
  const variant = variants[chosen] ?? {};
  const { description } = schema;
  if (variants.length === 1) {
    return (
      <SchemaField
        {...given}
        schema={description ? { ...variant, description } : variant}
        required={given.required && !takesNull(schema)}
        onChange={(change) =>
          onChange((before) => {
            const after = change(before);
            return after === undefined && takesNull(schema) ? null : after;
          })
        }
      />
    );
  }
  return (
    <div className="variants">
      <div className="field">
        <label htmlFor={id}>{labelOf(name, schema) || 'Answer'}</label>
        <select
          id={id}
          value={chosen}
          onChange={({ target }) => {
            const index = Number(target.value);
            choose(index);
            onChange(() => firstValue(variants[index] ?? {}, root));
          }}
        >
          {variants.map((one, index) => (
            <option key={nameOf(one, index)} value={index}>
              {nameOf(one, index)}
            </option>
          ))}
        </select>
        {description && <p className="help">{description}</p>}
      </div>
      <SchemaField
        key={chosen}
        {...given}
        schema={variant}
        name={name === null ? null : nameOf(variant, chosen)}
      />
    </div>
  );
}
