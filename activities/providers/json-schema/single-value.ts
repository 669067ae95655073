import { z } from 'zod';
import { canonicalJson } from '../../../job-types/contract/canonical-json.js';
import { isRecord } from '../../../job-types/contract/is-record.js';
import type { FormatName, SchemaObject, TypeName } from '../../../job-types/fields/json-schema/schema.js';

const isOfType: Readonly<Record<TypeName, (value: unknown) => boolean>> = {
  object: isRecord,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: Number.isFinite,
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

const matching =
  (type: z.ZodType) =>
  (text: string): boolean =>
    type.safeParse(text).success;

const isOfFormat: Readonly<Record<FormatName, (text: string) => boolean>> = {
  'date-time': matching(z.iso.datetime({ offset: true })),
  date: matching(z.iso.date()),
  // RFC 3339 wants an offset, which hardly a model gives.
  time: (text) => /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?$/i.test(text),
  duration: matching(z.iso.duration()),
  email: matching(z.email()),
  hostname: matching(z.hostname()),
  uri: matching(z.url()),
  uuid: matching(z.guid()),
  ipv4: matching(z.ipv4()),
  ipv6: matching(z.ipv6()),
};

/** What is wrong with a value by itself, whatever is inside it; null when nothing is. */
export function wrongWith(value: unknown, part: SchemaObject): string | null {
  const { type, enum: choices } = part;
  const types = type === undefined ? [] : [type].flat();
  if (types.length > 0 && !types.some((name) => isOfType[name](value)))
    return `is not of type ${types.join(' or ')}`;
  if (choices && !choices.some((choice) => canonicalJson(choice) === canonicalJson(value)))
    return 'is none of "enum"';
  if ('const' in part && canonicalJson(part.const) !== canonicalJson(value)) return 'is not "const"';
  if (typeof value === 'string') return wrongWithText(value, part);
  return typeof value === 'number' ? wrongWithNumber(value, part) : null;
}

function wrongWithText(text: string, part: SchemaObject): string | null {
  const { minLength, maxLength, pattern, format } = part;
  if (minLength !== undefined || maxLength !== undefined) {
    const wrong = wrongCount(Array.from(text).length, {
      least: minLength,
      most: maxLength,
      unit: 'characters',
    });
    if (wrong) return wrong;
  }
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(text)) return 'does not match "pattern"';
  return format !== undefined && !isOfFormat[format](text) ? `is no ${format}` : null;
}

function wrongWithNumber(number: number, part: SchemaObject): string | null {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = part;
  if (minimum !== undefined && number < minimum) return `is below ${minimum}`;
  if (maximum !== undefined && number > maximum) return `is above ${maximum}`;
  if (exclusiveMinimum !== undefined && number <= exclusiveMinimum) return `is not above ${exclusiveMinimum}`;
  if (exclusiveMaximum !== undefined && number >= exclusiveMaximum) return `is not below ${exclusiveMaximum}`;
  return multipleOf !== undefined && !isMultiple(number, multipleOf)
    ? `is no multiple of ${multipleOf}`
    : null;
}

/** 0.3 is a multiple of 0.1, although floating point divides it to 2.9999999999999996. */
function isMultiple(number: number, of: number): boolean {
  const times = number / of;
  return Math.abs(times - Math.round(times)) <= 1e-9 * Math.max(1, Math.abs(times));
}

export function wrongCount(
  count: number,
  {
    least = 0,
    most = Infinity,
    unit,
  }: { least?: number | undefined; most?: number | undefined; unit: string },
): string | null {
  if (count < least) return `has fewer than ${least} ${unit}`;
  return count > most ? `has more than ${most} ${unit}` : null;
}
