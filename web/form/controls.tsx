import { useState } from 'react';
import { FileControl, FilesControl } from './file-control.js';
import { type JsonSchema, type Kind } from './json-schema.js';

export interface ControlGiven {
  id: string;
  schema: JsonSchema;
  value: unknown;
  onChange(value: unknown): void;
  invalid: boolean;
  required: boolean;
  describedBy: string | undefined;
}
export type Control = (given: ControlGiven) => React.ReactNode;

/** Characters of a text that is written in one line. */
const oneLine = 300;

const attributes = ({ id, invalid, required, describedBy }: ControlGiven) => ({
  id,
  'aria-invalid': invalid,
  'aria-required': required,
  'aria-describedby': describedBy,
});

/** Nothing written is nothing said, and the API's own default holds. */
const orNothing = (text: string, { required }: ControlGiven): string | undefined =>
  text === '' && !required ? undefined : text;

/** What holds where nothing is written. */
const defaultOf = ({ default: usual }: JsonSchema): string | undefined =>
  typeof usual === 'string' || typeof usual === 'number' ? String(usual) : undefined;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function TextControl(given: ControlGiven) {
  const { schema, value, onChange } = given;
  const text = textOf(value);
  // An address or a name has a form; what has none may be a text of many lines.
  const free = schema.format === undefined && schema.pattern === undefined;
  const long = (free && (schema.maxLength ?? 0) > oneLine) || text.includes('\n');
  if (long) {
    return (
      <textarea
        {...attributes(given)}
        rows={Math.min(12, Math.max(3, text.split('\n').length + 1))}
        value={text}
        onChange={({ target }) => onChange(orNothing(target.value, given))}
      />
    );
  }
  return (
    <input
      {...attributes(given)}
      placeholder={defaultOf(schema)}
      value={text}
      onChange={({ target }) => onChange(orNothing(target.value, given))}
    />
  );
}

function NumberControl(given: ControlGiven) {
  const { schema, value, onChange } = given;
  return (
    <input
      {...attributes(given)}
      type="number"
      inputMode="decimal"
      step={schema.type === 'integer' ? 1 : 'any'}
      min={schema.minimum}
      max={schema.maximum}
      placeholder={defaultOf(schema)}
      value={typeof value === 'number' ? value : ''}
      onChange={({ target }) => onChange(target.value === '' ? undefined : Number(target.value))}
    />
  );
}

function FlagControl(given: ControlGiven) {
  const { value, onChange } = given;
  return (
    <input
      {...attributes(given)}
      type="checkbox"
      checked={value === true}
      onChange={({ target }) => onChange(target.checked)}
    />
  );
}

function ChoiceControl(given: ControlGiven) {
  const { schema, value, onChange } = given;
  const values = schema.enum ?? [schema.const];
  return (
    <select
      {...attributes(given)}
      value={values.indexOf(value)}
      onChange={({ target }) => onChange(values[Number(target.value)])}
    >
      <option value={-1}>–</option>
      {values.map((one, index) => (
        <option key={String(one)} value={index}>
          {String(one)}
        </option>
      ))}
    </select>
  );
}

/** Texts, one a line. */
function LinesControl(given: ControlGiven) {
  const { value, onChange, required } = given;
  const [text, setText] = useState(() => (Array.isArray(value) ? value.join('\n') : ''));
  const change = (next: string) => {
    setText(next);
    const lines = next.split('\n').filter((line) => line.trim() !== '');
    onChange(lines.length === 0 && !required ? undefined : lines);
  };
  return (
    <textarea
      {...attributes(given)}
      rows={4}
      placeholder="one a line"
      value={text}
      onChange={({ target }) => change(target.value)}
    />
  );
}

/** What has no form of its own. While it is no JSON, it is sent as the text that it is, and the API says so. */
function JsonControl(given: ControlGiven) {
  const { value, onChange } = given;
  const [text, setText] = useState(() => (value === undefined ? '' : JSON.stringify(value, null, 2)));
  const change = (next: string) => {
    setText(next);
    onChange(next.trim() === '' ? undefined : parsed(next));
  };
  return (
    <textarea
      {...attributes(given)}
      className="code"
      rows={5}
      placeholder="JSON"
      value={text}
      onChange={({ target }) => change(target.value)}
    />
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const controls: Record<Exclude<Kind, 'group' | 'list' | 'variants'>, Control> = {
  text: TextControl,
  number: NumberControl,
  flag: FlagControl,
  choice: ChoiceControl,
  lines: LinesControl,
  file: FileControl,
  files: FilesControl,
  json: JsonControl,
};
