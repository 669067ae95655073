import type { PresentBudget } from '../../job-types/contract/budget.js';
import type { Job } from '../../job-types/contract/job.js';

/** What is left falls below nothing where a call took more than it was thought to. */
export function toBudget(budget: PresentBudget | undefined, usage: Job['usage']): Job['budget'] {
  if (!budget) return null;
  const { maxCostUsd, maxTokens, onExceed, ended = false } = budget;
  const { costUsd, inputTokens, outputTokens } = usage ?? { costUsd: 0, inputTokens: 0, outputTokens: 0 };
  const left = (cap: number, spent: number): number => Math.max(0, Number((cap - spent).toPrecision(12)));
  return {
    ...(maxCostUsd === undefined ? {} : { maxCostUsd }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    onExceed,
    costUsdLeft: maxCostUsd === undefined || costUsd === null ? null : left(maxCostUsd, costUsd),
    tokensLeft: maxTokens === undefined ? null : left(maxTokens, inputTokens + outputTokens),
    ended,
  };
}
