import { setTimeout as pause } from 'node:timers/promises';
import type { CallOutcome } from '../../job-types/contract/call.js';
import { stepIdOf } from '../../job-types/contract/step-id.js';
import type { KeptAnswers } from '../../store/kept-answers.js';
import type { Caller, EarlierCalls, ModelCalls, Settlement } from '../../store/model-calls.js';
import { isDatabaseUnavailable } from '../../store/unavailable.js';
import { backOffAfresh } from './back-off.js';
import { billOf } from './call-bill.js';
import { type CallListener, Heard, type Hearing, type WholeAnswer } from './call-listener.js';
import { StepFailure } from './step-failure.js';
import { type Step, currentStep } from './step.js';
import { type PriceOf, type Told, askedTokens } from './tokens.js';

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
export type Asked = Payer & Told;

/** What the ledger adds to a question. */
export interface Heeded {
  listener: CallListener;
  /** The answer that a worker got and died over: it is paid for, and only has to be read. */
  kept?: WholeAnswer | undefined;
}

export interface Ledger {
  /**
   * The one way to ask a model: notes the call before it is made, and what became of it after that.
   * @param ask one request; it throws when the answer is of no use, for whatever reason
   * @throws {StepFailure} final, when the step has paid for as many answers as it may; otherwise what `ask` throws. What
   * the database throws when the call cannot be noted, and then nothing was asked.
   */
  call<Q extends Asked, T>(question: Q, ask: (question: Q & Heeded) => Promise<T>): Promise<T>;
  /** Notes that the answer of another job is used again, and what that saves. @param paidBy the root of its chain of retries */
  reused(payer: Payer, paidBy: string): Promise<void>;
}

export interface LedgerDependencies {
  calls: Pick<ModelCalls, 'open' | 'settle' | 'settleEarlier' | 'noteReused'>;
  answers: KeptAnswers;
  priceOf: PriceOf;
  /** Told of a call that could not be settled, or whose answer could not be kept. */
  onError(error: unknown): void;
}

/** Answers of no use that a step pays for: a model that cannot keep to the form does not learn it from being asked again. */
const mostUnusable = 3;
/** Calls of a step that die with their workers. It may be their answers that kill. */
const mostLost = 3;
/** Calls of a step that we end ourselves: a worker that is told to stop says nothing of the answer, and deploys are many. */
const mostStopped = 10;

/** How long an answer that is here waits to be kept. */
const keepMs = 1_000;

/** How long a call that is over waits for the database to take note. */
const settleMs = 2_000;
const againMs = 200;

/** Output whose price is noted, so that whoever finds the call left open can tell what it cost. */
const mtok = 1_000_000;

export function createLedger({ calls, answers, priceOf, onError }: LedgerDependencies): Ledger {
  const open = async (caller: Caller, { owner, model, promptVersion, inputTokens }: Opening) => {
    const tokens = { inputTokens, cachedInputTokens: null, cacheWriteTokens: null, reasoningTokens: null };
    const costUsd = priceOf(model, { ...tokens, outputTokens: 0 });
    const withOutput = priceOf(model, { ...tokens, outputTokens: mtok });
    return calls.open({
      ...caller,
      owner,
      model,
      prompt: promptVersion,
      startedAt: new Date().toISOString(),
      inputTokens,
      costUsd,
      outputMtokUsd: costUsd === null || withOutput === null ? null : withOutput - costUsd,
    });
  };

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
  const begin = async (step: Step, { owner, model, promptVersion, inputTokens }: Opening): Promise<Begun> => {
    const caller = callerOf(step);
    const kept = isFirst(step) ? null : await answers.take<Kept>({ ...caller, model, prompt: promptVersion });
    if (kept) return { id: kept.callId, kept: kept.answer, earlier: none };
    const earlier = isFirst(step) ? none : await calls.settleEarlier(caller);
    requireCredit(earlier);
    const payer = { owner: owner || step.owner, model, promptVersion };
    return { id: await open(caller, { ...payer, inputTokens }), kept: null, earlier };
  };

  return {
    async call(question, ask) {
      const step = currentStep();
      step.signal.throwIfAborted();
      const { model } = question;
      const inputTokens = askedTokens(question);
      const { id, kept, earlier } = await begin(step, { ...question, inputTokens });
      const { jobId } = step;
      const heard: Heard = new Heard(`${jobId}/${id}`, (answer) =>
        keep(id, { jobId, answer, hearing: heard.hearing }),
      );
      if (kept) heard.recall(kept.hearing);
      const settleWith = async (error: unknown) => {
        const { aborted } = step.signal;
        const settled = billOf({ heard, aborted, error }, { model, inputTokens, priceOf });
        // Who stopped the call is waiting for it to stop.
        await settle(id, { settled, waits: !aborted });
        return settled;
      };
      let answer;
      try {
        answer = await ask({ ...question, listener: heard, kept: kept?.answer });
      } catch (error) {
        const settled = await settleWith(error);
        const again = backOffAfresh(error, { worked: heard.began, earlier });
        throw isUnusable(settled) ? bounded(again, earlier.unusable + 1) : again;
      }
      await settleWith(null);
      return answer;
    },

    async reused({ owner, model, promptVersion }, paidBy) {
      const step = currentStep();
      const payer = { owner: owner || step.owner, model, prompt: promptVersion };
      await calls.noteReused({ ...callerOf(step), ...payer, paidBy });
    },
  };
}

interface Opening extends Payer {
  inputTokens: number;
}

/** What is kept of a call at its last byte. */
interface Kept {
  answer: WholeAnswer;
  hearing: Hearing;
}

interface Begun {
  /** The call's row. */
  id: string;
  kept: Kept | null;
  earlier: EarlierCalls;
}

const none: EarlierCalls = { unusable: 0, lost: 0, stopped: 0, failureCode: null, sinceWorked: null };

const unusable: ReadonlySet<CallOutcome> = new Set(['malformed', 'cut']);

/** Every outcome that was paid for counts, also that of a provider that took the question and then said nothing. */
const isUnusable = ({ outcome, inputTokens, outputTokens }: Settlement): boolean =>
  unusable.has(outcome) || (outcome === 'failed' && inputTokens + outputTokens > 0);

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

/** @throws {StepFailure} when the worker of the last attempt died before it could say that it was the last one */
function requireCredit({ unusable: count, lost, stopped, failureCode }: EarlierCalls): void {
  if (count >= mostUnusable) {
    const detail = `${count} answers of no use were paid for in this step, and no more are.`;
    throw new StepFailure(failureCode ?? 'malformed-answer', detail, { final: true });
  }
  if (lost >= mostLost) {
    const detail = `${lost} workers died in a call of this step, each of which was paid for, and no more are.`;
    throw new StepFailure('worker-lost', detail, { final: true });
  }
  if (stopped >= mostStopped) {
    const detail = `${stopped} calls of this step were cut short as their workers were stopped, and no more are paid for.`;
    throw new StepFailure('worker-lost', detail, { final: true });
  }
}

/** The failure of an answer that is of no use, which is final for the last one that is paid for. */
function bounded(error: unknown, count: number): unknown {
  if (!(error instanceof StepFailure) || count < mostUnusable) return error;
  const detail = `${error.message} No more than ${mostUnusable} answers of no use are paid for.`;
  return new StepFailure(error.code, detail, { ...error.options, final: true });
}
