import { useId } from 'react';
import { sentenceCase, words } from '../shared/shown.js';
import { type Control, controls } from './controls.js';
import { GroupField } from './group-field.js';
import { helpOf } from './help.js';
import { type JsonSchema, kindOf, resolved } from './json-schema.js';
import { ListField } from './list-field.js';
import type { FormGiven } from './schema-form.js';
import { VariantsField } from './variants-field.js';

export interface FieldGiven extends FormGiven {
  /** The document that the schema's references lead into. */
  root: JsonSchema;
  /** Null for the whole. */
  name: string | null;
  required: boolean;
}

/** Those that hold other fields. */
const holders = { group: GroupField, list: ListField, variants: VariantsField } as const;

export const labelOf = (name: string | null, { title }: JsonSchema): string =>
  title ?? (name === null ? '' : sentenceCase(words(name)));

/** One field of a form, with its help and what the API has said against it. */
export function SchemaField(given: FieldGiven) {
  const schema = resolved(given.schema, given.root);
  const kind = kindOf(schema);
  if (kind === 'group' || kind === 'list' || kind === 'variants') {
    const Holder = holders[kind];
    return <Holder {...given} schema={schema} />;
  }
  return <LeafField {...given} schema={schema} Control={controls[kind]} />;
}

function LeafField({
  schema,
  name,
  value,
  onChange,
  at,
  errors,
  required,
  Control,
}: FieldGiven & { Control: Control }) {
  const id = useId();
  const wrong = errors.filter(({ pointer }) => pointer === at || pointer.startsWith(`${at}/`));
  const help = helpOf(schema, value);
  const describedBy = [...(help ? [`${id}-help`] : []), ...(wrong.length > 0 ? [`${id}-wrong`] : [])].join(
    ' ',
  );
  return (
    <div className={wrong.length > 0 ? 'field field-wrong' : 'field'}>
      <label htmlFor={id}>
        {labelOf(name, schema) || 'Value'}
        {!required && <span className="quiet"> optional</span>}
      </label>
      <Control
        id={id}
        schema={schema}
        value={value}
        onChange={(next) => onChange(() => next)}
        invalid={wrong.length > 0}
        required={required}
        describedBy={describedBy === '' ? undefined : describedBy}
      />
      {help && (
        <p id={`${id}-help`} className="help">
          {help}
        </p>
      )}
      {wrong.length > 0 && (
        <p id={`${id}-wrong`} className="wrong">
          {wrong.map(({ detail }) => detail).join('; ')}
        </p>
      )}
    </div>
  );
}
