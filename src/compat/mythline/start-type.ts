import { z } from 'zod';
import type { JobType } from '../../../job-types/contract/job-type.js';
import { jobTypeNamed } from '../../../job-types/index.js';
import { ConfigError } from '../../config.js';

/** The job type that a task is, and how the one text of a task becomes its input. */
export interface StartType {
  type: string;
  /** Where the text goes. */
  field: string;
  /** What has to be chosen besides, as the type's own example chooses it: languages. */
  rest: Readonly<Record<string, unknown>>;
}

/**
 * What `TASK_START_TYPE` means.
 * @throws {ConfigError} for a type that does not run here, or that takes more than one text
 */
export function startType(name: string): StartType {
  const type = jobTypeNamed(name);
  if (!type) throw new ConfigError(`TASK_START_TYPE: there is no job type "${name}".`);
  const found = inputOf(type);
  if (!found) throw new ConfigError(`TASK_START_TYPE: "${name}" takes more than one text.`);
  return { type: type.name, ...found };
}

/** Texts that people write: one of words, and an address. A language or a number is neither. */
const written = ['some words', 'http://127.0.0.1/'];

/** Null where one text is not enough. */
function inputOf({ input, example: given }: JobType): Omit<StartType, 'type'> | null {
  const example = given as Record<string, unknown>;
  const needed = fieldsOf(input).filter((field) => field in example);
  const fields = needed.length > 0 ? needed : ['prompt'];
  const base = Object.fromEntries(fields.map((field) => [field, example[field]]));
  const isText = (field: string) =>
    written.some((text) => input.safeParse({ ...base, [field]: text }).success);
  const [field, ...others] = fields.filter(isText);
  if (field === undefined || others.length > 0) return null;
  const { [field]: _text, ...rest } = base;
  // What else there is must be a choice and no content: a list of words or a person is not the example's.
  return Object.values(rest).every((value) => typeof value === 'string') ? { field, rest } : null;
}

/** Those that must be given. */
function fieldsOf(input: z.ZodType): readonly string[] {
  const schema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any', reused: 'inline' });
  const named =
    schema.$ref === undefined ? undefined : schema.$defs?.[schema.$ref.replace(/^#\/\$defs\//, '')];
  return (named ?? schema).required ?? [];
}
