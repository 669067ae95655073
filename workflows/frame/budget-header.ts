import { defaultPayloadConverter } from '@temporalio/common';
import type { PresentBudget } from '../../job-types/contract/budget.js';
import { budgetHeader } from '../../job-types/contract/run-header.js';

type Headers = Record<string, ReturnType<typeof defaultPayloadConverter.toPayload>>;

/** Each run has this module for itself. */
let present: Headers = {};

/** From here on, activities are told this. Without a budget they are told nothing. */
export function tellBudget(budget: PresentBudget | undefined): void {
  present = budget ? { [budgetHeader]: defaultPayloadConverter.toPayload(budget) } : {};
}

export const budgetHeaders = (): Headers => present;
