import { isRecord } from '../../../job-types/contract/is-record.js';
import {
  type SchemaPart,
  type WholeSchema,
  resolveRef,
} from '../../../job-types/fields/json-schema/schema.js';

/**
 * The value, with null for each required property that is left out where null is allowed. Small models do not write
 * down what there is not. Nothing else is changed.
 */
export const withNulls = (value: unknown, whole: WholeSchema): unknown => filled(value, [whole], whole);

function filled(value: unknown, parts: readonly (SchemaPart | undefined)[], whole: WholeSchema): unknown {
  const all = parts.flatMap((part) => reached(part, whole, 0));
  if (all.length === 0) return value;
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      filled(
        item,
        all.map(({ prefixItems = [], items }) => prefixItems[index] ?? items),
        whole,
      ),
    );
  }
  if (!isRecord(value)) return value;
  const missing = all
    .flatMap(({ required = [], properties = {} }) =>
      required.filter((name) => Object.hasOwn(properties, name) && allowsNull(properties[name], whole, 0)),
    )
    .filter((name) => !Object.hasOwn(value, name));
  const given = Object.entries(value).map(([name, inner]): [string, unknown] => [
    name,
    filled(
      inner,
      all.map(({ properties = {} }) => (Object.hasOwn(properties, name) ? properties[name] : undefined)),
      whole,
    ),
  ]);
  return Object.fromEntries([...given, ...missing.map((name): [string, unknown] => [name, null])]);
}

/** References to references. */
const deepest = 10;

type Part = Exclude<SchemaPart, boolean>;

/** The parts that bind a value: a part, what it refers to, and of a choice with null the other one. */
function reached(part: SchemaPart | undefined, whole: WholeSchema, depth: number): Part[] {
  if (typeof part !== 'object' || depth > deepest) return [];
  const { $ref, allOf = [], anyOf, oneOf } = part;
  const choices = (anyOf ?? oneOf ?? []).filter((one) => !(isRecord(one) && one.type === 'null'));
  const others = [
    ...($ref === undefined ? [] : [resolveRef($ref, whole)]),
    ...allOf,
    ...(choices.length === 1 ? choices : []),
  ];
  return [part, ...others.flatMap((one) => reached(one, whole, depth + 1))];
}

function allowsNull(part: SchemaPart | undefined, whole: WholeSchema, depth: number): boolean {
  if (typeof part !== 'object' || depth > deepest) return part === true;
  const { type, enum: values, $ref, anyOf, oneOf } = part;
  if (type !== undefined && [type].flat().includes('null'))
    return values === undefined || values.includes(null);
  if (type !== undefined) return false;
  if (values) return values.includes(null);
  if ('const' in part) return part.const === null;
  if ($ref !== undefined) return allowsNull(resolveRef($ref, whole), whole, depth + 1);
  return (anyOf ?? oneOf ?? []).some((one) => allowsNull(one, whole, depth + 1));
}
