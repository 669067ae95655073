import { z } from 'zod';
import { FileRef } from './contract/file-ref.js';
import { type AnswersOf, type InputOf, type ResultOf, defineJobType } from './contract/job-type.js';
import { ModelName } from './fields/model-names.js';
import { said } from './fields/said.js';
import { StorableText } from './fields/storable-text.js';
import { operationNames } from './fields/workbook/operations.js';
import { Plan } from './fields/workbook/plan.js';

/** Characters of a table in the input itself. */
const longestTable = 100_000;

/** A file that a step can read by its name. */
const NamedFile = z.strictObject({
  name: StorableText.min(1).max(255).meta({ description: 'What a step calls it in bind_file' }),
  file: FileRef,
});

const Others = z.array(NamedFile).max(100).meta({ description: 'Files that steps read besides' });

const Input = z
  .strictObject({
    message: said(20_000).optional().meta({ description: 'What is to be done with the file, in words' }),
    plan: Plan.optional().meta({ description: 'What is to be done, step by step, instead of words' }),
    file: FileRef.optional().meta({ description: 'A workbook (.xlsx), CSV or JSON file' }),
    csv: StorableText.min(1).max(longestTable).optional().meta({
      description: 'A small table as CSV, instead of a file',
    }),
    others: Others.optional(),
    confirm: z
      .boolean()
      .default(true)
      .meta({ description: 'Wait for a person who confirms, changes or declines the plan' }),
    conversation: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,100}$/, 'letters, digits, "-" and "_", at most 100')
      .optional()
      .meta({ description: 'Plans of one conversation run one at a time, in their order' }),
    model: ModelName.optional(),
  })
  .check(({ value: { message, plan, file, csv }, issues }) => {
    const complain = (field: string, text: string) =>
      issues.push({ code: 'custom', path: [field], message: text, input: undefined });
    if ((message === undefined) === (plan === undefined)) complain('message', 'give a message, or a plan');
    if ((file === undefined) === (csv === undefined)) complain('file', 'give a file, or csv');
  })
  .meta({ id: 'RunWorkbookPlanInput' });

const Confirm = z
  .strictObject({
    confirmed: z.boolean().meta({ description: 'false: nothing is run' }),
    plan: Plan.optional().meta({ description: 'The plan as it is to be run, where that differs' }),
    file: FileRef.optional().meta({ description: 'The file it is run on, where that differs' }),
    others: Others.optional(),
  })
  .meta({ id: 'RunWorkbookPlanConfirm' });

export const PlanStepResult = z.object({
  step: z.int().meta({ description: 'From 1' }),
  operation: z.enum(operationNames),
  file: FileRef.meta({ description: 'What the step made' }),
  name: z.string(),
  rows: z.int(),
  notes: z.array(z.string()),
});
export type PlanStepResult = z.infer<typeof PlanStepResult>;

const Result = z
  .object({
    decision: z.enum(['run', 'declined']),
    steps: z.array(PlanStepResult),
    file: FileRef.nullable().meta({ description: 'What the last step made' }),
    provider: z
      .string()
      .meta({ description: 'What proposed the plan: "person", "rules", or provider/model' }),
  })
  .meta({ id: 'RunWorkbookPlanResult' });

export const runWorkbookPlan = defineJobType({
  name: 'runWorkbookPlan',
  title: 'Run a plan over a workbook',
  description:
    'Proposes what to do with a workbook or CSV, waits for a person who confirms it, and does it step by step.',
  input: Input,
  result: Result,
  steps: [
    { name: 'propose', title: 'Propose a plan' },
    { name: 'run', title: 'Run the steps of the plan' },
  ],
  answers: { confirm: Confirm },
  subject: ({ message, plan }) =>
    message?.trim().slice(0, 200) ?? plan?.map(({ operation }) => operation).join(', ') ?? '',
  example: {
    csv: 'name,city\nMarta,Lyon\nBao,Nice\nAna,Lyon\n',
    plan: [
      {
        operation: 'csv/search',
        arguments: { conditions: [{ column: 'city', operator: 'equals', value: 'Lyon' }] },
      },
      { operation: 'json/generate', arguments: { columns: ['name'] } },
    ],
    confirm: false,
  },
});

export type RunWorkbookPlanInput = InputOf<typeof runWorkbookPlan>;
export type RunWorkbookPlanResult = ResultOf<typeof runWorkbookPlan>;
export type RunWorkbookPlanConfirm = AnswersOf<typeof runWorkbookPlan>['confirm'];
