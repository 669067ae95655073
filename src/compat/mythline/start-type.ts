import { z } from 'zod';
import type { JobType } from '../../../job-types/contract/job-type.js';
import { jobTypeNamed } from '../../../job-types/index.js';
import { ConfigError } from '../../config.js';

/** The job type that a task is, and the field of its input that the one text of a task goes into. */
export interface StartType {
  type: string;
  field: string;
}

/**
 * What `TASK_START_TYPE` means.
 * @throws {ConfigError} for a type that does not run here, or that takes more than one text
 */
export function startType(name: string): StartType {
  const type = jobTypeNamed(name);
  if (!type) throw new ConfigError(`TASK_START_TYPE: there is no job type "${name}".`);
  const field = textFieldOf(type);
  if (field === null) throw new ConfigError(`TASK_START_TYPE: "${name}" takes more than one text.`);
  return { type: type.name, field };
}

/** A prompt where there is one, and otherwise the only field that must be given. Null where one text is not enough. */
function textFieldOf({ input }: JobType): string | null {
  const schema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any', reused: 'inline' });
  const named =
    schema.$ref === undefined ? undefined : schema.$defs?.[schema.$ref.replace(/^#\/\$defs\//, '')];
  const { properties = {}, required = [] } = named ?? schema;
  const field = 'prompt' in properties ? 'prompt' : required[0];
  return field !== undefined && input.safeParse({ [field]: 'text' }).success ? field : null;
}
