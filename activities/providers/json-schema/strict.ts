import type { SchemaPart, WholeSchema } from '../../../job-types/fields/json-schema/schema.js';

/** What every server that holds a model to a schema knows. OpenAI refuses a request for one keyword more. */
const everywhere: ReadonlySet<string> = new Set([
  ...['$schema', '$defs', '$ref', 'title', 'description', 'type', 'enum', 'const', 'anyOf'],
  ...['properties', 'required', 'additionalProperties', 'items'],
]);

/** Objects within objects. */
const deepest = 5;

/**
 * Whether strict structured output takes a schema: every object closed, with all its properties required, and few
 * keywords. Any other is sent as a wish, and what comes is checked all the same.
 */
export const fitsStrict = (whole: WholeSchema): boolean =>
  whole.type === 'object' && [whole, ...Object.values(whole.$defs ?? {})].every((part) => fits(part, 1));

function fits(part: SchemaPart | undefined, level: number): boolean {
  if (typeof part !== 'object' || level > deepest) return false;
  const { $ref, type, properties, required = [], additionalProperties, items, anyOf = [] } = part;
  const names = Object.keys(part);
  if (!names.every((name) => everywhere.has(name))) return false;
  if ($ref !== undefined) return names.length === 1;
  const types = type === undefined ? [] : [type].flat();
  if (types.length === 0 && !['enum', 'const', 'anyOf'].some((name) => names.includes(name))) return false;
  const all = Object.keys(properties ?? {});
  const closed =
    additionalProperties === false &&
    properties !== undefined &&
    all.every((name) => required.includes(name));
  if (types.includes('object') && !closed) return false;
  if (types.includes('array') && !fits(items, level)) return false;
  const below = types.includes('object') ? level + 1 : level;
  return [...anyOf, ...Object.values(properties ?? {})].every((one) => fits(one, below));
}
