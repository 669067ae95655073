import { defaultPayloadConverter } from '@temporalio/common';
import type { PresentBudget } from '../../job-types/contract/budget.js';
import { budgetHeader } from '../../job-types/contract/run-header.js';

type Headers = Record<string, ReturnType<typeof defaultPayloadConverter.toPayload>>;

const key = Symbol('what activities are told of the budget');

/**
 * The modules of workflows are evaluated once a worker, and `globalThis` is each run's own. If this stood in a variable
 * of the module, a job would be held to the budget of whichever ran last.
 */
const ofRun = globalThis as { [key]?: Headers };

/** From here on, activities are told this. Without a budget they are told nothing. */
export function tellBudget(budget: PresentBudget | undefined): void {
  ofRun[key] = budget ? { [budgetHeader]: defaultPayloadConverter.toPayload(budget) } : {};
}

export const budgetHeaders = (): Headers => ofRun[key] ?? {};
