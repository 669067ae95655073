import { z } from 'zod';
import { missingColumns } from '../../job-types/fields/workbook/check-columns.js';
import { mostSteps, Plan, bindFilesOf } from '../../job-types/fields/workbook/plan.js';
import { operationNames, operations } from '../../job-types/fields/workbook/operations.js';
import { objectForm } from '../providers/answer-form.js';
import { material } from './material.js';
import { promptVersion } from './version.js';

export interface ProposePlan {
  /** What the person wants. */
  message: string;
  /** The file and its columns. */
  name: string;
  columns: readonly string[];
  /** Other files that are there. */
  others: readonly { name: string; columns: readonly string[] }[];
}

/** Strict output knows no objects of any field, so that arguments are JSON in a text. */
const SaidPlan = z.object({
  steps: z.array(z.object({ operation: z.enum(operationNames), arguments: z.string(), why: z.string() })),
});
export type SaidPlan = z.infer<typeof SaidPlan>;

export const proposePlanAnswer = {
  form: objectForm(SaidPlan),
  /** Characters. */
  longestAnswer: 100_000,
};

const catalogue = Object.entries(operations)
  .map(
    ([name, { description, example }]) =>
      `- ${name}: ${description} Arguments such as ${JSON.stringify(example)}`,
  )
  .join('\n');

export function proposePlanPrompt({ message, name, columns, others }: ProposePlan): {
  system: string;
  prompt: string;
} {
  const { rule, blocks } = material({
    file: name,
    columns: JSON.stringify(columns),
    others: JSON.stringify(others),
  });
  return {
    system: [
      'You plan what is to be done with a table, for a person who confirms the plan before it is run.',
      ...rule,
      'The output of each step is the input of the next one. These are the operations:',
      catalogue,
      'Name only columns that the file has, exactly as they are written, and only files that are there.',
      `You answer with one JSON object, and nothing else: {"steps": [{"operation", "arguments", "why"}]}, at most ${mostSteps} steps.`,
      'Write "arguments" as a JSON object in a text, and "why" as one short sentence for the person.',
    ].join('\n'),
    prompt: [
      ...blocks,
      '',
      `The person asks: ${JSON.stringify(message)}.`,
      'Plan that. Answer with no step if none of the operations does it.',
    ].join('\n'),
  };
}

export const proposePlanVersion = promptVersion('propose-plan', [
  proposePlanPrompt({ message: '', name: '', columns: [], others: [] }),
  z.toJSONSchema(SaidPlan),
]);

/** The plan of an answer, as far as it keeps to the schemas of the operations, and to the columns and files there are. */
export function proposedPlan(
  { steps }: SaidPlan,
  { columns, others }: Pick<ProposePlan, 'columns' | 'others'>,
): { plan: Plan; wrong?: never } | { plan: null; wrong: string } {
  const given = steps.map(({ operation, arguments: text, why }) => ({
    operation,
    arguments: jsonOr(text),
    description: why.slice(0, 500),
  }));
  const parsed = Plan.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { plan: null, wrong: `/${issue?.path.join('/')} ${issue?.message}` };
  }
  const plan = parsed.data;
  const tables = Object.fromEntries(others.map((other) => [other.name, other.columns]));
  const unknown = bindFilesOf(plan).find((name) => !Object.hasOwn(tables, name));
  if (unknown !== undefined) return { plan: null, wrong: `there is no other file "${unknown.slice(0, 80)}"` };
  const [column] = missingColumns(plan, { columns, others: tables });
  if (!column) return { plan };
  return {
    plan: null,
    wrong: `step ${column.step + 1} names a column "${column.name.slice(0, 80)}" that is not there`,
  };
}

/** What is no JSON the schema refuses. */
function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
