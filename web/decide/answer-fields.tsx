import { type Change, withField } from '../form/change.js';
import { WrongAsWhole } from '../form/help.js';
import { type JsonSchema, resolved } from '../form/json-schema.js';
import { SchemaField } from '../form/schema-field.js';
import { type FieldErrors, SchemaForm } from '../form/schema-form.js';
import { isRecord } from '../shared/value-view.js';
import { type Draft, listsOf } from './draft.js';
import { EntryList } from './entry-list.js';

interface Given {
  schema: JsonSchema;
  proposal: unknown;
  draft: Draft;
  /** A field that is said by a button. */
  hidden: string | null;
  errors: FieldErrors;
  onChange(change: Change<Draft>): void;
}

/** Everything that can be said: what was proposed or has to be said at once, the rest behind a click. */
export function AnswerFields({ schema, proposal, draft, hidden, errors, onChange }: Given) {
  const { lists, rest } = draft;
  const changeRest = (change: Change) => onChange((before) => ({ ...before, rest: change(before.rest) }));
  const { properties, required = [] } = resolved(schema, schema);
  if (!isRecord(rest) || !properties) {
    return <SchemaForm schema={schema} value={rest} onChange={changeRest} at="/value" errors={errors} />;
  }
  const proposed = isRecord(proposal) ? proposal : {};
  const listNames = new Map(listsOf(schema));
  const drawn = ([name, property]: [string, JsonSchema]) => {
    const list = listNames.get(name);
    const proposedList: unknown = proposed[name];
    return list ? (
      <EntryList
        key={name}
        name={name}
        schema={list}
        root={schema}
        entries={lists[name] ?? []}
        proposed={Array.isArray(proposedList) ? proposedList : []}
        onChange={(change) =>
          onChange((before) => ({
            ...before,
            lists: { ...before.lists, [name]: change(before.lists[name] ?? []) },
          }))
        }
        at={`/value/${name}`}
        errors={errors}
      />
    ) : (
      <SchemaField
        key={name}
        schema={property}
        root={schema}
        name={name}
        value={rest[name]}
        onChange={(change) => changeRest((before) => withField(before, { name, change }))}
        at={`/value/${name}`}
        errors={errors}
        required={required.includes(name)}
      />
    );
  };
  const fields = Object.entries(properties).filter(([name]) => name !== hidden);
  const isFirst = ([name]: [string, JsonSchema]) =>
    required.includes(name) || (listNames.has(name) && name in proposed);
  const others = fields.filter((field) => !isFirst(field));
  return (
    <>
      <WrongAsWhole at="/value" errors={errors} />
      {fields.filter(isFirst).map(drawn)}
      {others.length > 0 && (
        <details className="more">
          <summary>What else can be changed</summary>
          {others.map(drawn)}
        </details>
      )}
    </>
  );
}
