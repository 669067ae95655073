import { isRecord } from '../../job-types/contract/is-record.js';
import { StepFailure } from '../frame/step-failure.js';
import { cellText } from './cell-text.js';
import { parseDate } from './date-parsing.js';
import type { CellValue } from './table.js';

/** Nested deeper than a person writes a template by hand. */
const deepest = 50;

type Lookup = (name: string) => CellValue;
type Fill = (lookup: Lookup) => unknown;

interface Placeholder {
  name: string;
  type: string;
  /** What an empty cell gives; null without one. */
  otherwise: string | null;
}

const placeholder = /\{([^{}:|]{1,255})(?::([a-z]{1,20}))?(?:\|([^{}]{0,1000}))?\}/g;

/** @throws {StepFailure} operation-refused, for a template that is no JSON, or knows a type that is none */
export function jsonTemplate(template: unknown): { names: string[]; with: Fill } {
  const names = new Set<string>();
  const fill = fillOf(typeof template === 'string' ? parsed(template) : template, { names, depth: 0 });
  return { names: [...names], with: fill };
}

function parsed(template: string): unknown {
  try {
    return JSON.parse(template);
  } catch (error) {
    throw new StepFailure('operation-refused', 'The template is no JSON.', { cause: error });
  }
}

function fillOf(value: unknown, { names, depth }: { names: Set<string>; depth: number }): Fill {
  if (depth > deepest)
    throw new StepFailure('operation-refused', `The template is nested deeper than ${deepest}.`);
  const inner = { names, depth: depth + 1 };
  if (Array.isArray(value)) {
    const fills = value.map((one: unknown) => fillOf(one, inner));
    return (lookup) => fills.map((fill) => fill(lookup));
  }
  if (isRecord(value)) {
    const fills = Object.entries(value).map(([key, one]) => ({ key, fill: fillOf(one, inner) }));
    return (lookup) => Object.fromEntries(fills.map(({ key, fill }) => [key, fill(lookup)]));
  }
  return typeof value === 'string' ? fillOfText(value, names) : () => value;
}

/** A text that is one placeholder keeps the kind of its value; of a longer one it becomes a part. */
function fillOfText(text: string, names: Set<string>): Fill {
  const found = [...text.matchAll(placeholder)].map(([whole, name = '', type = '', otherwise = null]) => ({
    whole,
    placeholder: { name, type, otherwise },
  }));
  for (const { placeholder: one } of found) {
    names.add(one.name);
    if (one.type !== '' && !Object.hasOwn(conversions, one.type)) {
      const known = Object.keys(conversions).join(', ');
      throw new StepFailure(
        'operation-refused',
        `The template has the type "${one.type}"; there are ${known}.`,
      );
    }
  }
  if (found.length === 0) return () => text;
  const [{ whole, placeholder: only } = found[0]!] = found;
  if (whole === text) return (lookup) => valueOf(only, lookup);
  return (lookup) => {
    let next = 0;
    return text.replace(placeholder, () => cellText(valueOf(found[next++]!.placeholder, lookup)));
  };
}

function valueOf({ name, type, otherwise }: Placeholder, lookup: Lookup): CellValue {
  const value = lookup(name) ?? otherwise;
  return value === null || type === '' ? value : conversions[type]!(value);
}

/** What cannot be converted stays as it is, so that nothing is lost. */
const conversions: Readonly<Record<string, (value: string | number | boolean) => CellValue>> = {
  str: (value) => cellText(value),
  string: (value) => cellText(value),
  int: (value) => numberOr(value, Math.trunc),
  integer: (value) => numberOr(value, Math.trunc),
  float: (value) => numberOr(value, (number) => number),
  number: (value) => numberOr(value, (number) => number),
  bool: (value) => truth(value),
  boolean: (value) => truth(value),
  datetime: (value) => (typeof value === 'string' ? (dateText(value) ?? value) : value),
  date: (value) => (typeof value === 'string' ? (dateText(value)?.slice(0, 10) ?? value) : value),
};

function numberOr(value: string | number | boolean, change: (number: number) => number): CellValue {
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) ? change(number) : value;
}

const truth = (value: string | number | boolean): CellValue =>
  ['true', '1', 'yes', 'y', 'on'].includes(String(value).toLowerCase());

function dateText(value: string): string | null {
  const time = parseDate(value);
  return time === null ? null : new Date(time).toISOString().slice(0, 19);
}
