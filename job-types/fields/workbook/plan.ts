import { z } from 'zod';
import { StorableText } from '../storable-text.js';
import { type ArgumentsOf, type OperationName, operationNames, operations } from './operations.js';

/** Steps of a plan. */
export const mostSteps = 50;

/** An operation and its arguments, each kind of them on its own. */
export type PlanStep = {
  [N in OperationName]: { operation: N; arguments: ArgumentsOf<N>; description?: string | undefined };
}[OperationName];

const stepOf = <N extends OperationName>(operation: N) =>
  z
    .object({
      operation: z.literal(operation),
      arguments: operations[operation].arguments,
      description: StorableText.max(1000).optional().meta({ description: 'For people; nothing goes by it' }),
    })
    .meta({ description: operations[operation].description });

const [first, ...others] = operationNames.map((name) => stepOf(name));

/** What else a client sends in a step, such as its state, is left out. */
export const PlanStep = z.discriminatedUnion('operation', [
  first!,
  ...others,
]) as unknown as z.ZodType<PlanStep>;

/** The output of a step is the input of the next one. */
export const Plan = z
  .array(PlanStep)
  .min(1, 'has no step')
  .max(mostSteps, `has more than ${mostSteps} steps`);
export type Plan = z.infer<typeof Plan>;

/** Names of the other files that a plan reads. */
export const bindFilesOf = (plan: Plan): string[] => [
  ...new Set(plan.flatMap(({ arguments: given }) => ('bind_file' in given ? [given.bind_file] : []))),
];
