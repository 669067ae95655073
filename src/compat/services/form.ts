import { z } from 'zod';
import { type ModelNames, rulesName } from '../../../job-types/fields/model-names.js';
import type { Field } from './fields.js';

const Choice = z.object({ key: z.string(), label: z.string() });
const Range = z.object({ min: z.number(), max: z.number() });

const Parameter = z.object({
  parameter_type: z.enum(['text', 'enum', 'int', 'ranged_int', 'float', 'ranged_float']),
  default: z.union([z.string(), z.number()]),
  range: Range.optional(),
  enum_vals: z.array(Choice).optional(),
  message_when_empty: z.string().optional(),
});
type Parameter = z.infer<typeof Parameter>;

const named = { key: z.string(), label: z.string(), subtitle: z.string() };

/** What the form of a service is built from. */
export const TaskSchema = z
  .object({
    inputs: z.array(z.object({ ...named, input_type: z.enum(['directory', 'file', 'batchfile']) })),
    parameters: z.array(z.object({ ...named, value: Parameter })),
  })
  .meta({ id: 'ServiceTaskSchema' });
export type TaskSchema = z.infer<typeof TaskSchema>;

export function taskSchema(fields: readonly Field[], models: ModelNames): TaskSchema {
  return {
    inputs: fields.flatMap(({ key, label, subtitle, kind }) =>
      kind === 'parameter' ? [] : [{ key, label, subtitle, input_type: kind }],
    ),
    parameters: fields.flatMap((field) => {
      const { key, label, subtitle, kind } = field;
      return kind === 'parameter' ? [{ key, label, subtitle, value: parameterOf(field, models) }] : [];
    }),
  };
}

function parameterOf({ name, schema }: Field, models: ModelNames): Parameter {
  const { type, default: usual, minimum: min, maximum: max } = schema;
  if (name === 'model') return choiceOfModel(models);
  if (Array.isArray(schema['enum'])) return choice(schema['enum'].map(String), textOf(usual));
  if (type === 'boolean') return choice(['true', 'false'], usual === true ? 'true' : 'false');
  if (type !== 'integer' && type !== 'number') return { parameter_type: 'text', default: textOf(usual) };
  const kind = type === 'integer' ? 'int' : 'float';
  // zod bounds every whole number by those that a number can hold.
  const hasRange = isBound(min) && isBound(max);
  const number = typeof usual === 'number' ? usual : isBound(min) ? min : 0;
  if (!hasRange) return { parameter_type: kind, default: number };
  return { parameter_type: `ranged_${kind}`, default: number, range: { min, max } };
}

const isBound = (value: unknown): value is number =>
  typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER;

function choiceOfModel({ names, default: usual }: ModelNames): Parameter {
  const offered = names.filter((name) => name !== rulesName);
  const [first = ''] = offered;
  return {
    ...choice(offered, offered.includes(usual) ? usual : first),
    message_when_empty: 'No model is set up here: MODEL is not set',
  };
}

const choice = (values: readonly string[], usual: string): Parameter => ({
  parameter_type: 'enum',
  enum_vals: values.map((key) => ({ key, label: key })),
  message_when_empty: 'There is nothing to choose from',
  default: usual,
});

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
