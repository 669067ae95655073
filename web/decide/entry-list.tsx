import { useEffect, useId, useRef, useState } from 'react';
import type { Change } from '../form/change.js';
import { Help, WrongAsWhole } from '../form/help.js';
import { firstValue, type JsonSchema, kindOf, resolved } from '../form/json-schema.js';
import { labelOf, SchemaField } from '../form/schema-field.js';
import type { FieldErrors } from '../form/schema-form.js';
import { isRecord } from '../shared/value-view.js';
import { differencesOf } from './changes.js';
import { type Entry, nextKey } from './draft.js';
import { areSteps, StepEntry } from './step-entry.js';

/** Entries that are drawn at first, and with each wish for more: each has a form of its own. */
const drawnAtOnce = 60;

interface Given {
  name: string;
  schema: JsonSchema;
  root: JsonSchema;
  entries: readonly Entry[];
  proposed: readonly unknown[];
  onChange(change: Change<readonly Entry[]>): void;
  at: string;
  errors: FieldErrors;
}

type Tone = 'kept' | 'changed' | 'added';

const toneOf = ({ from, value }: Entry, proposed: readonly unknown[]): Tone => {
  if (from === null) return 'added';
  return differencesOf(proposed[from], value).length > 0 ? 'changed' : 'kept';
};

/** A list of the proposal: each entry is kept, edited or dropped, and steps of a plan change places. */
export function EntryList({ name, schema, root, entries, proposed, onChange, at, errors }: Given) {
  const id = useId();
  const [drawn, setDrawn] = useState(drawnAtOnce);
  const focus = useRef<string | null>(null);
  const items = resolved(schema.items ?? {}, root);
  const steps = areSteps(items, root);
  const Field = steps ? StepEntry : SchemaField;
  const label = labelOf(name, schema);
  useEffect(() => {
    // What had the keyboard is gone, or stands elsewhere.
    if (focus.current !== null) document.getElementById(focus.current)?.focus();
    focus.current = null;
  });
  const move = (index: number, by: 1 | -1) => {
    const entry = entries[index];
    if (!entry || !entries[index + by]) return;
    focus.current = `${id}-${entry.key}-${by === 1 ? 'down' : 'up'}`;
    onChange((before) => {
      const from = before.findIndex(({ key }) => key === entry.key);
      if (from === -1 || !before[from + by]) return before;
      return before.toSpliced(from, 1).toSpliced(from + by, 0, ...before.slice(from, from + 1));
    });
  };
  const drop = (index: number) => {
    const dropped = entries[index]?.key;
    const next = entries[index + 1] ?? entries[index - 1];
    focus.current = next ? `${id}-${next.key}-drop` : `${id}-add`;
    onChange((before) => before.filter(({ key }) => key !== dropped));
  };
  const add = () => {
    const value = begun(steps ? firstOf(items) : items, root);
    setDrawn(Math.max(drawn, entries.length + 1));
    onChange((before) => [...before, { key: nextKey(before), from: null, value }]);
  };
  return (
    <fieldset className="entries">
      <legend>
        {label} <span className="quiet">{entries.length}</span>
      </legend>
      <Help schema={schema} value={undefined} />
      <WrongAsWhole at={at} errors={errors} />
      <ol className={steps ? 'list-field steps-field' : 'list-field'}>
        {entries.slice(0, drawn).map((entry, index) => {
          const tone = toneOf(entry, proposed);
          const place = `${label} ${index + 1}`;
          return (
            <li key={entry.key} className={`entry entry-${tone}`} aria-label={`${place}, ${tone}`}>
              <div className="entry-head">
                <span className="quiet">
                  {index + 1}
                  {tone !== 'kept' && `, ${tone}`}
                </span>
                {steps && (
                  <>
                    <button
                      type="button"
                      id={`${id}-${entry.key}-up`}
                      className="button button-small"
                      aria-label={`Move ${place} up`}
                      aria-disabled={index === 0}
                      onClick={() => move(index, -1)}
                    >
                      ↑
                    </button>
                    <button
                      type="button"
                      id={`${id}-${entry.key}-down`}
                      className="button button-small"
                      aria-label={`Move ${place} down`}
                      aria-disabled={index === entries.length - 1}
                      onClick={() => move(index, 1)}
                    >
                      ↓
                    </button>
                  </>
                )}
                <button
                  type="button"
                  id={`${id}-${entry.key}-drop`}
                  className="button button-small"
                  aria-label={`Drop ${place}`}
                  onClick={() => drop(index)}
                >
                  Drop
                </button>
              </div>
              <Field
                schema={items}
                root={root}
                name={null}
                value={entry.value}
                onChange={(change) =>
                  onChange((before) =>
                    before.map((one) => (one.key === entry.key ? { ...one, value: change(one.value) } : one)),
                  )
                }
                at={`${at}/${index}`}
                errors={errors}
                required
              />
            </li>
          );
        })}
      </ol>
      <p className="row">
        {entries.length > drawn && (
          <button type="button" className="button button-small" onClick={() => setDrawn(drawn + drawnAtOnce)}>
            Show more of {entries.length}
          </button>
        )}
        <button type="button" id={`${id}-add`} className="button button-small" onClick={add}>
          Add
        </button>
      </p>
    </fieldset>
  );
}

/** An entry that nobody has filled in: a text that has to be there is empty, and said to be so when it is sent. */
function begun(schema: JsonSchema, root: JsonSchema): unknown {
  const value = firstValue(schema, root) ?? null;
  if (!isRecord(value)) return value;
  const { properties = {}, required = [] } = schema;
  const texts = required.filter((name) => !(name in value) && kindOf(properties[name] ?? {}) === 'text');
  return { ...value, ...Object.fromEntries(texts.map((name) => [name, ''])) };
}

const firstOf = ({ oneOf, anyOf }: JsonSchema): JsonSchema => (oneOf ?? anyOf ?? [])[0] ?? {};
