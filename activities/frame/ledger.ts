import { setTimeout as pause } from 'node:timers/promises';
import { stepIdOf } from '../../job-types/contract/step-id.js';
import type { KeptAnswers } from '../../store/kept-answers.js';
import type { Caller, EarlierCalls, ModelCalls, Settlement } from '../../store/model-calls.js';
import { isDatabaseUnavailable } from '../../store/unavailable.js';
import { backOffAfresh } from './back-off.js';
import { billOf } from './call-bill.js';
import { type CallListener, Heard, type Hearing, type WholeAnswer } from './call-listener.js';
import { type Cap, type OwnerBudget, createOpening } from './call-opening.js';
import { bounded, isUnusable, requireCredit } from './credit.js';
import { BudgetReached, CutAtBudget } from './over-budget.js';
import { type Step, currentStep } from './step.js';
import { type PriceOf, type Told, askedBytes, estimatedTokens } from './tokens.js';

/** Who pays for an answer, and to what. */
export interface Payer {
  /** Empty in runs that began before their activities were told; the task then says whose it is. */
  owner: string;
  /** provider/model, as configured. */
  model: string;
  /** Name and version of the prompt. */
  promptVersion: string;
}

/** A question to a model, as far as the ledger has to know it. */
export interface Asked extends Payer, Told {
  /** Tokens that the answer may have: as a person has said, or else by the step's own bound. */
  maxOutputTokens?: number | undefined;
  mostTokens?: number | undefined;
  /** What a transcriber is to hear. */
  audioSeconds?: number | undefined;
}

/** What the ledger adds to a question. */
export interface Heeded {
  listener: CallListener;
  /** The answer that a worker got and died over: it is paid for, and only has to be read. */
  kept?: WholeAnswer | undefined;
  /** Tokens at which a budget cuts the answer. `maxOutputTokens` or `mostTokens` says so too. */
  cutAfter?: number | undefined;
  /** Whether an answer that was cut was cut there. What is made of it goes into a `CutAtBudget`, which is thrown. */
  isAtBudget(): boolean;
}

export interface Ledger {
  /**
   * The one way to ask a model: notes the call before it is made, and what became of it after that.
   * @param ask one request; it throws when the answer is of no use, for whatever reason
   * @throws {BudgetReached} when a budget leaves no room for an answer, or has cut it
   * @throws {HeldTooLong} when other calls hold the room for longer than an attempt can wait for them
   * @throws {StepFailure} final, when the step has paid for as many answers as it may; otherwise what `ask` throws. What
   * the database throws when the call cannot be noted, and then nothing was asked.
   */
  call<Q extends Asked, T>(question: Q, ask: (question: Q & Heeded) => Promise<T>): Promise<T>;
  /** Whether the answer of another job was given to the same version of the prompt. @param paidBy as below */
  isWordedAlike(payer: Payer, paidBy: string): Promise<boolean>;
  /** Notes that the answer of another job is used again, and what that saves. @param paidBy the root of its chain of retries */
  reused(payer: Payer, paidBy: string): Promise<void>;
}

export interface LedgerDependencies {
  calls: Pick<ModelCalls, 'open' | 'reserve' | 'settle' | 'settleEarlier' | 'noteReused' | 'promptOf'>;
  answers: KeptAnswers;
  priceOf: PriceOf;
  /** Left out: an owner has none. */
  ownerBudget?: OwnerBudget;
  /** How long a call waits in one attempt for what others leave of a budget, in ms; a minute when left out. */
  longestHold?: number;
  /** Told of a call that could not be settled, or whose answer could not be kept. */
  onError(error: unknown): void;
}

/** How long an answer that is here waits to be kept. */
const keepMs = 1_000;

/** How long a call that is over waits for the database to take note. */
const settleMs = 2_000;
const againMs = 200;

/** Tokens of an answer whose question sets no bound. */
const usualLongest = 32_000;

export function createLedger({ onError, ...dependencies }: LedgerDependencies): Ledger {
  const { calls, answers, priceOf } = dependencies;
  const open = createOpening(dependencies);

  /** Never throws: what became of the call is no reason to lose its answer. */
  const settle = async (
    id: string,
    { settled, waits }: { settled: Settlement; waits: boolean },
  ): Promise<void> => {
    const deadline = performance.now() + (waits ? settleMs : 0);
    for (;;) {
      try {
        return await calls.settle(id, settled);
      } catch (error) {
        if (performance.now() >= deadline || !isDatabaseUnavailable(error)) return onError(error);
        await pause(againMs);
      }
    }
  };

  /** Never throws, and does not wait for a database that is away: the answer is here. */
  const keep = async (callId: string, { jobId, ...kept }: Kept & { jobId: string }): Promise<void> => {
    const over = new AbortController();
    const late = pause(keepMs, undefined, { signal: over.signal });
    try {
      await Promise.race([answers.keep(callId, { jobId, answer: kept }), late]);
    } catch (error) {
      onError(error);
    } finally {
      over.abort();
    }
  };

  /** What it takes to make a call: an answer that is here already, or a new row and the credit for it. */
  const begin = async (step: Step, question: Asked): Promise<Begun> => {
    const {
      owner,
      model,
      promptVersion,
      maxOutputTokens,
      mostTokens = usualLongest,
      audioSeconds,
    } = question;
    const caller = callerOf(step);
    const kept = isFirst(step) ? null : await answers.take<Kept>({ ...caller, model, prompt: promptVersion });
    if (kept) return { id: kept.callId, kept: kept.answer, cap: kept.answer.cap ?? null, earlier: none };
    const earlier = isFirst(step) ? none : await calls.settleEarlier(caller);
    requireCredit(earlier);
    const payer = { owner: owner || step.owner, model, promptVersion };
    const inputBytes = askedBytes(question);
    const told = { inputBytes, inputTokens: estimatedTokens(inputBytes), audioSeconds };
    const opened = await open(step, { caller, ...payer, ...told, longest: maxOutputTokens ?? mostTokens });
    return { ...opened, kept: null, earlier };
  };

  return {
    async call(question, ask) {
      const step = currentStep();
      step.signal.throwIfAborted();
      const { model, audioSeconds } = question;
      const inputTokens = estimatedTokens(askedBytes(question));
      const { id, kept, cap, earlier } = await begin(step, question);
      const { jobId } = step;
      const heard: Heard = new Heard(`${jobId}/${id}`, (answer) =>
        keep(id, { jobId, answer, hearing: heard.hearing, cap }),
      );
      if (kept) heard.recall(kept.hearing);
      const settleWith = async (error: unknown) => {
        const { aborted } = step.signal;
        const settled = billOf({ heard, aborted, error }, { model, inputTokens, audioSeconds, priceOf });
        // Who stopped the call is waiting for it to stop.
        await settle(id, { settled, waits: !aborted });
        return settled;
      };
      let answer;
      try {
        answer = await ask({
          ...question,
          ...boundsOf(question, cap),
          listener: heard,
          kept: kept?.answer,
          isAtBudget: () => isAtCap(cap, heard),
        });
      } catch (error) {
        const settled = await settleWith(error);
        if (error instanceof CutAtBudget && cap) throw budgetReached(cap, { settled, value: error.value });
        const again = backOffAfresh(error, { worked: heard.began, earlier });
        throw isUnusable(settled) ? bounded(again, earlier.unusable + 1) : again;
      }
      await settleWith(null);
      return answer;
    },

    async isWordedAlike({ promptVersion }, paidBy) {
      const { name: step, item } = currentStep();
      const answered = await calls.promptOf({ paidBy, step, item });
      return answered === null || answered === promptVersion;
    },

    async reused({ owner, model, promptVersion }, paidBy) {
      const step = currentStep();
      const payer = { owner: owner || step.owner, model, prompt: promptVersion };
      await calls.noteReused({ ...callerOf(step), ...payer, paidBy });
    },
  };
}

/** What is kept of a call at its last byte. */
interface Kept {
  answer: WholeAnswer;
  hearing: Hearing;
  /** Left out by a worker of a version without budgets. */
  cap?: Cap | null;
}

interface Begun {
  /** The call's row. */
  id: string;
  kept: Kept | null;
  /** Where a budget cuts the answer. */
  cap: Cap | null;
  earlier: EarlierCalls;
}

const none: EarlierCalls = { unusable: 0, lost: 0, stopped: 0, failureCode: null, sinceWorked: null };

/** As long as the budget lets the answer be: said where the question says its own bound. */
function boundsOf({ maxOutputTokens }: Asked, cap: Cap | null): Partial<Heeded & Asked> {
  if (!cap) return {};
  const { tokens } = cap;
  return {
    cutAfter: tokens,
    ...(maxOutputTokens === undefined ? { mostTokens: tokens } : { maxOutputTokens: tokens }),
  };
}

/** A model may have a limit of its own that comes before. */
const isAtCap = (cap: Cap | null, { tokens, bytes }: Heard): boolean =>
  cap !== null && Math.max(tokens?.outputTokens ?? 0, estimatedTokens(bytes)) >= cap.tokens;

const budgetReached = (
  { exceeded }: Cap,
  { settled, value }: { settled: Settlement; value: unknown },
): BudgetReached => {
  const { costUsd, inputTokens, outputTokens } = settled;
  const took = exceeded.limit === 'maxTokens' ? inputTokens + outputTokens : (costUsd ?? 0);
  return new BudgetReached({ ...exceeded, spent: exceeded.spent + took }, value);
};

const callerOf = ({ jobId, rootJobId, jobType, runId, name, item, activity, attempt }: Step): Caller => ({
  jobId,
  rootJobId,
  jobType,
  runId,
  step: name,
  item,
  activity,
  attempt,
});

/** It has no earlier calls, and is spared the question. */
const isFirst = ({ attempt, activity }: Step): boolean => attempt === 1 && stepIdOf(activity).round === 1;
