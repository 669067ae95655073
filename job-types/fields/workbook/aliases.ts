import { z } from 'zod';
import { isRecord } from '../../contract/is-record.js';

type Arguments = Record<string, unknown>;

/** From the name a client may also use to the name of the argument. */
export type Aliases = Readonly<Record<string, string>>;

/**
 * Arguments that may also be given under other names. Where both are given, the alias is refused like any name that is
 * not known. Whatever is no object is left to the schema to refuse.
 */
export const withAliases = <S extends z.ZodType>(aliases: Aliases, schema: S) =>
  z.preprocess((value) => (isRecord(value) ? renamed(value, aliases) : value), schema);

function renamed(value: Arguments, aliases: Aliases): Arguments {
  const name = (key: string) => {
    const target = Object.hasOwn(aliases, key) ? aliases[key] : undefined;
    return target === undefined || Object.hasOwn(value, target) ? key : target;
  };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [name(key), inner]));
}

/** One thing where a list of it is meant. */
export const listOf = (value: unknown): unknown =>
  value === undefined || Array.isArray(value) ? value : [value];

/** A word in any case, and under its other names. */
export const word = <const W extends readonly [string, ...string[]]>(
  words: W,
  also: Readonly<Record<string, W[number]>> = {},
) =>
  z.preprocess((value) => {
    if (typeof value !== 'string') return value;
    const lower = value.trim().toLowerCase();
    return Object.hasOwn(also, lower)
      ? also[lower]
      : (words.find((one) => one.toLowerCase() === lower) ?? value);
  }, z.enum(words));
