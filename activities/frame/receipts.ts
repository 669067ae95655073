import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
import { canonicalJson } from '../../job-types/contract/canonical-json.js';
import type { Receipts } from '../../store/receipts.js';
import type { Schema } from '../../store/schema.js';
import type { Spent } from '../../job-types/contract/outcome.js';
import { currentStep } from './step.js';

/*
 * The kinds of receipts. Each is said where an activity is declared, and each makes the activity harmless to repeat:
 *
 *   once    the effect and its receipt are one transaction, kept with the fingerprint of what was to be written;
 *           after a cancel the receipt says whether it happened
 *   paid    a model's answer, kept with the fingerprint of what was asked: only the same question finds it again
 *   reused  work that costs time, and whose repetition does no other harm, kept with the fingerprint of what was wanted
 *
 * A fork finds copies of the last two, and says that it used them.
 */

/** What an effect runs in. */
export interface Writing {
  trx: Transaction<Schema>;
  /** An earlier run of the job, or of one that it retries, has written something else: this comes in its place. */
  instead: boolean;
}

/**
 * Writes in a transaction of its own, once for a job and its retries, as long as they want the same written. The frame can
 * ask whether it has, and rule it out. What is written for a run that has ended meanwhile is taken back.
 */
export const once =
  <Input, Outcome>(
    receipts: Pick<Receipts, 'once'>,
    { isOpen, write }: { isOpen: RunIsOpen; write(writing: Writing, input: Input): Promise<Outcome> },
  ) =>
  (input: Input): Promise<Outcome> => {
    const { rootJobId, jobId, runId, presentRunId, name, item } = currentStep();
    const writer = { jobId, runId, isOpen: () => isOpen({ jobId, runId: presentRunId }) };
    const key = { rootJobId, step: name, item, runId, fingerprint: fingerprintOf(input), writer };
    return receipts.once(key, (trx, instead) => write({ trx, instead }, input));
  };

/** Whether Temporal still has this run of the job open; true also while Temporal is away. */
export type RunIsOpen = (run: { jobId: string; runId: string }) => Promise<boolean>;

const fingerprintOf = (value: unknown): Buffer => createHash('sha256').update(canonicalJson(value)).digest();

/** What an earlier attempt, or the job that this one retries or forks, has left for the same input is returned as it is. */
export const reused =
  <Input, Outcome>(receipts: Pick<Receipts, 'find' | 'put'>, work: (input: Input) => Promise<Outcome>) =>
  async (input: Input): Promise<Outcome> => {
    const step = currentStep();
    const { rootJobId, jobId, runId, name, item } = step;
    const key = { rootJobId, step: name, item, fingerprint: fingerprintOf(input) };
    const earlier = await receipts.find<Outcome>(key);
    if (earlier !== null) {
      if (jobId !== rootJobId || earlier.copiedFrom !== null) step.noteReused();
      return earlier.outcome;
    }
    const outcome = await work(input);
    await receipts.put({ ...key, runId, kind: 'reused' }, outcome);
    return outcome;
  };

export interface Paid<Input, Asked, Outcome> {
  /**
   * All that the answer depends on: the texts, the parameters of the prompt, the model. If the id of a job stood in
   * it, no retry would find the answer. If something asked were missing, a job that asks otherwise would get it.
   */
  asks(input: Input): Promise<Asked> | Asked;
  work(asked: Asked, input: Input): Promise<Outcome>;
  /** Of a fork: whether the words around what is asked are still those that the answer was given to. */
  isWordedAlike(paidBy: string, input: Input): Promise<boolean>;
  /** Told when the answer that another job has paid for is used again. @param paidBy the root of its chain of retries */
  onReuse(paidBy: string, input: Input): Promise<void>;
}

/** An answer that was paid for is not paid for again, by a later attempt, a retry or a fork, unless something else is asked. */
export const paid =
  <Input, Asked, Outcome extends { notes: string[]; usage: Spent | null }>(
    receipts: Pick<Receipts, 'find' | 'put'>,
    { asks, work, isWordedAlike, onReuse }: Paid<Input, Asked, Outcome>,
  ) =>
  async (input: Input): Promise<Outcome> => {
    const step = currentStep();
    const { rootJobId, jobId, runId, name, item, signal } = step;
    const asked = await asks(input);
    const fingerprint = fingerprintOf(asked);
    const earlier = await receipts.find<Outcome>({ rootJobId, step: name, item, fingerprint });
    const copiedFrom = earlier?.copiedFrom ?? null;
    if (earlier !== null && (copiedFrom === null || (await isWordedAlike(copiedFrom, input)))) {
      if (jobId === rootJobId && copiedFrom === null) return earlier.outcome;
      step.noteReused();
      await onReuse(copiedFrom ?? rootJobId, input);
      return { ...earlier.outcome, usage: null };
    }
    const outcome = await work(asked, input);
    try {
      await receipts.put({ rootJobId, step: name, item, runId, fingerprint, kind: 'paid' }, outcome);
    } catch (error) {
      // The answer is paid for and here; failing now would buy it again. Temporal keeps it as this step's result.
      signal.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      outcome.notes.push(`The answer could not be kept for a later retry of the job (${why}).`);
    }
    return outcome;
  };
