import { setTimeout as pause } from 'node:timers/promises';
import type { Exceeded } from '../../job-types/contract/budget.js';
import type { Caller, ModelCalls, NewCall } from '../../store/model-calls.js';
import type { Limits, Wanted } from '../../store/reservations.js';
import { BudgetReached, HeldTooLong } from './over-budget.js';
import { StepFailure } from './step-failure.js';
import type { Step } from './step.js';
import type { PriceOf } from './tokens.js';

/** What the operator lets an owner spend, in US dollars; null where there is no limit. */
export type OwnerBudget = Pick<Limits, 'dayUsd' | 'monthUsd'>;

export interface OpeningDependencies {
  calls: Pick<ModelCalls, 'open' | 'reserve'>;
  priceOf: PriceOf;
  ownerBudget?: OwnerBudget | undefined;
  /** Of one attempt, in ms; a minute when absent. */
  longestHold?: number | undefined;
}

/** A call that is about to be made. */
export interface Opening {
  owner: string;
  model: string;
  promptVersion: string;
  /** By our estimate. */
  inputTokens: number;
  /** Of a call of a transcriber. */
  audioSeconds?: number | undefined;
  /** Of the question, in UTF-8. */
  inputBytes: number;
  /** Tokens of the answer at its longest. */
  longest: number;
}

/** Where a budget cuts the answer. */
export interface Cap {
  tokens: number;
  exceeded: Exceeded;
}

export interface Opened {
  /** The call's row. */
  id: string;
  /** Null where the answer may be as long as it was to be. */
  cap: Cap | null;
}

const noBudget: OwnerBudget = { dayUsd: null, monthUsd: null };

/** Output whose price is noted, so that whoever finds the call left open can tell what it cost. */
const mtok = 1_000_000;

/** A shorter answer says nothing, and its question would have to be paid for. */
const leastTokens = 16;

/** Few texts have fewer bytes a token. What a question takes is set aside with room for an estimate that was low. */
const fewestBytes = 3;

/** A fifth of what the shortest attempt of a step that asks a model has: the rest is for the call itself. */
const longestHoldMs = 60_000;

/** How soon it is looked again whether calls under way have left room: a call takes seconds. */
const lookAgainMs = { first: 100, most: 1_000 };

/**
 * Notes a call before it is made. One that has limits is noted where they leave room for it. If calls under way hold the room,
 * it waits for them: they take less than was set aside, as a rule.
 */
export function createOpening({
  calls,
  priceOf,
  ownerBudget = noBudget,
  longestHold = longestHoldMs,
}: OpeningDependencies) {
  const limitsOf = ({ budget }: Step): Limits => ({
    maxCostUsd: budget?.maxCostUsd ?? null,
    maxTokens: budget?.maxTokens ?? null,
    ...ownerBudget,
  });

  const costOf = (
    { model, audioSeconds }: Pick<Opening, 'model' | 'audioSeconds'>,
    [inputTokens, outputTokens]: readonly [number, number],
  ): number | null =>
    priceOf(model, {
      inputTokens,
      outputTokens,
      audioSeconds,
      cachedInputTokens: null,
      cacheWriteTokens: null,
      reasoningTokens: null,
    });

  const newCall = (caller: Caller, opening: Opening): NewCall => {
    const { owner, model, promptVersion, inputTokens, audioSeconds } = opening;
    const costUsd = costOf(opening, [inputTokens, 0]);
    const withOutput = costOf(opening, [inputTokens, mtok]);
    return {
      ...caller,
      owner,
      model,
      prompt: promptVersion,
      startedAt: new Date().toISOString(),
      inputTokens,
      audioSeconds,
      costUsd,
      outputMtokUsd: costUsd === null || withOutput === null ? null : withOutput - costUsd,
    };
  };

  /** @throws {StepFailure} price-unknown: the API that took the job knows other prices */
  const wantedOf = (opening: Opening, limits: Limits): Wanted => {
    const { model, inputBytes, longest } = opening;
    const inputTokens = Math.ceil(inputBytes / fewestBytes);
    const inputUsd = costOf(opening, [inputTokens, 0]);
    const withOutput = costOf(opening, [inputTokens, mtok]);
    const isPriced = inputUsd !== null && withOutput !== null;
    const { maxCostUsd, dayUsd, monthUsd } = limits;
    if (!isPriced && [maxCostUsd, dayUsd, monthUsd].some((limit) => limit !== null)) {
      throw new StepFailure('price-unknown', `What ${model} costs is not known, so no budget can hold it.`);
    }
    return {
      inputTokens,
      outputTokens: longest,
      least: Math.min(leastTokens, longest),
      inputUsd,
      tokenUsd: isPriced ? (withOutput - inputUsd) / mtok : null,
    };
  };

  /** @throws {BudgetReached | HeldTooLong} and nothing was noted */
  return async (step: Step, { caller, ...opening }: Opening & { caller: Caller }): Promise<Opened> => {
    const limits = limitsOf(step);
    if (Object.values(limits).every((limit) => limit === null)) {
      return { id: await calls.open(newCall(caller, opening)), cap: null };
    }
    const wanted = wantedOf(opening, limits);
    let heldMs = 0;
    for (let waitMs = lookAgainMs.first; ; waitMs = Math.min(waitMs * 2, lookAgainMs.most)) {
      const room = await calls.reserve(newCall(caller, opening), {
        limits,
        wanted: step.budget?.ended ? { ...wanted, least: Infinity } : wanted,
      });
      if (room !== 'held') {
        if ('exceeded' in room) throw new BudgetReached(room.exceeded);
        const { id, outputTokens, cappedBy } = room;
        return { id, cap: cappedBy && { tokens: outputTokens, exceeded: cappedBy } };
      }
      if (heldMs >= longestHold) throw new HeldTooLong('other calls hold the budget');
      if (waitMs === lookAgainMs.first)
        step.progress({ message: 'Waiting for what other calls leave of the budget' });
      await pause(waitMs, undefined, { signal: step.signal });
      heldMs += waitMs;
    }
  };
}
