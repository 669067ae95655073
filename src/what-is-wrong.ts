import { z } from 'zod';

/** What zod found, and the value where it found it. */
type Found<Code extends z.core.$ZodIssue['code'] = z.core.$ZodIssue['code']> = Extract<
  Parameters<z.core.$ZodErrorMap>[0],
  { code: Code }
>;
/** A message continues the name of its field ("is empty"), as those do that schemas bring along. */
type Says = { [Code in z.core.$ZodIssue['code']]?: (found: Found<Code>) => string };

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  never: 'absent',
};

const kindOf = (expected: string): string => kinds[expected] ?? expected;

const formats: Readonly<Record<string, string>> = {
  url: 'is no URL',
  email: 'is no e-mail address',
  uuid: 'is no UUID',
  datetime: 'is no time such as 2026-01-31T09:00:00Z',
  date: 'is no date such as 2026-01-31',
};

/** What is counted of a value. Numbers are not counted but compared. */
const units: Readonly<Record<string, readonly [one: string, more: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
  object: ['field', 'fields'],
};

const counted = (size: number | bigint, [one, more]: readonly [string, string]): string =>
  `${size} ${Number(size) === 1 ? one : more}`;

/** More of them help nobody. */
const mostNamed = 20;
const longestNamed = 60;

/** Whether more of a name than is shown would help nobody. */
export const isLong = (name: string): boolean => name.length > longestNamed;

/** As a person has written it, the beginning of what is long. */
export function named(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(isLong(value) ? `${value.slice(0, longestNamed)}…` : value);
}

function oneOf(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} or ${last}` : last;
}

const hasToBe = (values: readonly unknown[]): string =>
  values.length > mostNamed
    ? `is none of the ${values.length} values that are taken here`
    : `has to be ${oneOf(values.map(named))}`;

/** The complaint of the kind of value that was most nearly met, with its place in the value. */
function ofNearest(branches: readonly (readonly z.core.$ZodIssue[])[]): string {
  const first = branches.flatMap(([issue]) => (issue ? [issue] : []));
  const kindsTaken = first.map((issue) => (issue.path.length > 0 ? [] : takenBy(issue)));
  if (kindsTaken.length > 0 && kindsTaken.every((taken) => taken.length > 0)) {
    return `has to be ${oneOf([...new Set(kindsTaken.flat())])}`;
  }
  const [nearest] = first.toSorted((a, b) => b.path.length - a.path.length);
  return nearest ? [...nearest.path.map(String), nearest.message].join(' ') : 'cannot be used';
}

/** What would be taken in the place of what is wrong; nothing where no list tells it. */
function takenBy(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_type') return [kindOf(issue.expected)];
  return issue.code === 'invalid_value' && issue.values.length <= mostNamed ? issue.values.map(named) : [];
}

const says: Says = {
  invalid_type: ({ input, expected }) =>
    input === undefined ? 'is missing' : `has to be ${kindOf(expected)}`,
  invalid_value: ({ input, values }) =>
    input === undefined && values.length > mostNamed ? 'is missing' : hasToBe(values),
  too_small: ({ origin, minimum, inclusive, exact }) => {
    const unit = units[origin];
    if (!unit) return inclusive ? `is less than ${minimum}` : `has to be more than ${minimum}`;
    if (exact) return `has to have ${counted(minimum, unit)}`;
    return Number(minimum) === 1 ? 'is empty' : `has fewer than ${counted(minimum, unit)}`;
  },
  too_big: ({ origin, maximum, inclusive, exact }) => {
    const unit = units[origin];
    if (!unit) return inclusive ? `is more than ${maximum}` : `has to be less than ${maximum}`;
    return exact ? `has to have ${counted(maximum, unit)}` : `has more than ${counted(maximum, unit)}`;
  },
  invalid_format: ({ format, pattern, prefix, suffix, includes }) => {
    if (format === 'starts_with') return `has to begin with ${named(prefix)}`;
    if (format === 'ends_with') return `has to end with ${named(suffix)}`;
    if (format === 'includes') return `has to contain ${named(includes)}`;
    if (format === 'regex') return `does not match ${String(pattern)}`;
    return formats[format] ?? `is no ${format}`;
  },
  not_multiple_of: ({ divisor }) => `has to be a multiple of ${divisor}`,
  unrecognized_keys: ({ keys }) =>
    `has what is not known here: ${keys.slice(0, mostNamed).map(named).join(', ')}`,
  invalid_union: (found) => {
    if (found.inclusive === false) return 'is more than one of what is taken here';
    return found.options?.length ? hasToBe(found.options) : ofNearest(found.errors);
  },
  invalid_key: ({ issues }) => `has a name that ${issues[0]?.message ?? 'cannot be used'}`,
  invalid_element: ({ issues }) => `has an entry that ${issues[0]?.message ?? 'cannot be used'}`,
};

const sayOf = says as Readonly<Record<string, ((found: Found) => string) | undefined>>;

/** For a reading that is to speak so by itself. */
export const whatIsWrong = (found: Found): string => sayOf[found.code]?.(found) ?? 'cannot be used';

/** Makes zod speak so in this process, wherever a schema does not say itself what is wrong. */
export function sayWhatIsWrong(): void {
  z.config({ localeError: whatIsWrong });
}
