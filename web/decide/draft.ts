import { firstValue, fitting, type JsonSchema, kindOf, resolved, variantsOf } from '../form/json-schema.js';
import { isRecord } from '../shared/value-view.js';

/** One of a list that a person goes through: kept, edited, moved or dropped. */
export interface Entry {
  /** Tells it from the others for as long as the form is open, wherever it is moved to. */
  key: number;
  /** Where it stands in the proposal; null where a person has added it. */
  from: number | null;
  value: unknown;
}

/** An answer that is being made of a proposal. */
export interface Draft {
  /** The lists of the answer, by their names. */
  lists: Readonly<Record<string, readonly Entry[]>>;
  /** What else there is to say, by names; or the whole answer, where that is no object. */
  rest: unknown;
}

/** The schemas of the answer's lists whose entries are more than a line of text. */
export function listsOf(schema: JsonSchema): [name: string, list: JsonSchema][] {
  return Object.entries(resolved(schema, schema).properties ?? {})
    .map(([name, property]): [string, JsonSchema] => [name, resolved(property, schema)])
    .filter(([, property]) => kindOf(property) === 'list');
}

const toEntries = (value: unknown): Entry[] =>
  Array.isArray(value) ? value.map((one: unknown, index) => ({ key: index, from: index, value: one })) : [];

/** What of a proposal an answer can say again; of an answer that is one of several forms, the first one, empty. */
export function proposalOf(schema: JsonSchema, data: unknown): unknown {
  const [first] = variantsOf(resolved(schema, schema));
  return fitting(schema, data) ?? (first && firstValue(first, schema));
}

/** Whether anything of the answer was proposed. */
export const isProposed = (proposal: unknown, data: unknown): boolean =>
  isRecord(proposal) && isRecord(data) && Object.keys(data).some((name) => name in proposal);

/** @param proposal what `proposalOf` gives */
export function toDraft(schema: JsonSchema, proposal: unknown): Draft {
  if (!isRecord(proposal)) return { lists: {}, rest: proposal };
  const names = new Set(listsOf(schema).map(([name]) => name));
  const entries = Object.entries(proposal);
  return {
    lists: Object.fromEntries([...names].map((name) => [name, toEntries(proposal[name])])),
    rest: Object.fromEntries(entries.filter(([name]) => !names.has(name))),
  };
}

/** The answer as it is sent. A list that nobody has proposed and nobody has begun is left out. */
export function toAnswer({ lists, rest }: Draft, proposal: unknown): unknown {
  if (!isRecord(rest) || !isRecord(proposal)) return rest;
  const said = Object.entries(lists).filter(([name, list]) => list.length > 0 || name in proposal);
  return {
    ...rest,
    ...Object.fromEntries(said.map(([name, list]) => [name, list.map(({ value }) => value)])),
  };
}

export const nextKey = (entries: readonly Entry[]): number =>
  entries.reduce((most, { key }) => Math.max(most, key), proposedKeys) + 1;

/** Entries that a person adds are numbered above any that can be proposed. */
const proposedKeys = 100_000;

/** Puts what was dropped back where it stood, as it was proposed. */
export function putBack(
  entries: readonly Entry[],
  { from, value }: { from: number; value: unknown },
): Entry[] {
  const before = entries.findLastIndex((entry) => entry.from !== null && entry.from < from);
  return entries.toSpliced(before + 1, 0, { key: from, from, value });
}

/** The one flag of an answer that has to be said: whether it is a yes. Null where there is no such flag, or several. */
export function consentOf(schema: JsonSchema): string | null {
  const { properties = {}, required = [] } = resolved(schema, schema);
  const flags = required.filter((name) => {
    const { type, default: first } = resolved(properties[name] ?? {}, schema);
    return type === 'boolean' && first === undefined;
  });
  return flags.length === 1 ? (flags[0] ?? null) : null;
}

/** What is answered by somebody who wants nothing of it; null where that cannot be said. */
export function refusalOf(schema: JsonSchema): Record<string, unknown> | null {
  const consent = consentOf(schema);
  if (consent !== null) return { [consent]: false };
  const { properties = {}, required = [] } = resolved(schema, schema);
  const empties = required.map((name) => [name, resolved(properties[name] ?? {}, schema)] as const);
  const canBeNone = empties.every(([, { type, minItems }]) => type === 'array' && (minItems ?? 0) === 0);
  return canBeNone && required.length > 0 ? Object.fromEntries(required.map((name) => [name, []])) : null;
}
