import type { UsageTotal } from '../../client/index.js';

export type Sums = Omit<UsageTotal, 'key'>;

const none: Sums = {
  calls: 0,
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  costUsd: 0,
  wastedUsd: 0,
  savedUsd: 0,
  unpricedCalls: 0,
  estimated: false,
};

/** Of all groups together. */
export const summed = (items: readonly UsageTotal[]): Sums =>
  items.reduce(
    (sum, item) => ({
      calls: sum.calls + item.calls,
      inputTokens: sum.inputTokens + item.inputTokens,
      cachedInputTokens: sum.cachedInputTokens + item.cachedInputTokens,
      outputTokens: sum.outputTokens + item.outputTokens,
      reasoningTokens: sum.reasoningTokens + item.reasoningTokens,
      costUsd: sum.costUsd + item.costUsd,
      wastedUsd: sum.wastedUsd + item.wastedUsd,
      savedUsd: sum.savedUsd + item.savedUsd,
      unpricedCalls: sum.unpricedCalls + item.unpricedCalls,
      estimated: sum.estimated || item.estimated,
    }),
    none,
  );
