import type { Exceeded } from '../../job-types/contract/budget.js';
import { StepFailure } from './step-failure.js';

/** What a model step throws whose answer ended where the budget ends. */
export class CutAtBudget extends StepFailure {
  override name = 'CutAtBudget';

  /** @param value what the step would return if that were all it gets; null when nothing can be made of it */
  constructor(readonly value: unknown) {
    super('budget-exceeded', 'The answer was cut where the budget ends.', { final: true });
  }
}

/**
 * What the ledger throws of a call that calls under way have left no room for. A step throws it that has waited long for
 * memory which others hold. It returns that, and is run again: the time of an attempt is for the call.
 */
export class HeldTooLong extends Error {
  override name = 'HeldTooLong';
}

/** What the ledger throws of a call that a budget did not let through, or cut. Its step returns it, and the frame decides. */
export class BudgetReached extends StepFailure {
  override name = 'BudgetReached';

  constructor(
    readonly exceeded: Exceeded,
    readonly value: unknown = null,
  ) {
    super('budget-exceeded', 'The budget is used up.', { final: true });
  }
}
