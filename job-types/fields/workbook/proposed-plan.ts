import { z } from 'zod';
import { type KnownColumns, missingColumns } from './check-columns.js';
import { type Plan, PlanStep, bindFilesOf, mostSteps } from './plan.js';

/** What a model answers that is asked for a plan. No step means that it has none. */
export const ProposedPlan = z
  .object({
    steps: z.array(PlanStep).max(mostSteps).meta({
      description:
        'Operations in their order; each takes the file that the one before made. Empty where none fits',
    }),
  })
  .meta({ id: 'ProposedPlan' });

/** A plan, or what is wrong with it, in sentences that a model can mend it by. */
export type CheckedPlan = { plan: Plan } | { faults: string[] };

/** Compares a model's answer with the operations and the files. Columns and files that it made up are faults. */
export function checkProposed(value: unknown, known: KnownColumns): CheckedPlan {
  const { success, data, error } = ProposedPlan.safeParse(value);
  if (!success) {
    return { faults: error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`) };
  }
  const plan = data.steps;
  const columns = missingColumns(plan, known).map(
    ({ step, path, name }) => `/steps/${step}/${path.join('/')}: there is no column "${name}"`,
  );
  const files = bindFilesOf(plan)
    .filter((name) => !Object.hasOwn(known.others ?? {}, name))
    .map((name) => `there is no other file "${name}"`);
  const faults = [...columns, ...files];
  return faults.length > 0 ? { faults } : { plan };
}
