import { ActivityFailure, patched } from '@temporalio/workflow';
import type { Failure } from '../../job-types/contract/failure.js';
import { failedAtBudget, wasEndedAtBudget } from './budget.js';
import { wasCancelled } from './cancellation.js';
import { toFailure } from './failure.js';

/** What became of a piece of work that may fail for good without the job failing by it. */
export type Tried<Value> = { value: Value; failure: null } | { value: null; failure: Failure };

/** A run from before failed outright where it came up against a budget that it was not to wait at. */
const countsBudgets = 'counts-budgets';

/**
 * Runs steps of which a failure is counted, and is not the end of the job.
 * @throws what is no failure of a step: a cancel, the end of the job's time, a checkpoint, a fault in the workflow code
 */
export async function tried<Value>(work: () => Promise<Value>): Promise<Tried<Value>> {
  try {
    return { value: await work(), failure: null };
  } catch (error) {
    if (wasEndedAtBudget(error) || (failedAtBudget(error) && patched(countsBudgets))) {
      return { value: null, failure: toFailure(error) };
    }
    if (!(error instanceof ActivityFailure) || wasCancelled(error)) throw error;
    return { value: null, failure: toFailure(error) };
  }
}
