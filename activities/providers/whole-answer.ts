import type { Spent } from '../../job-types/contract/outcome.js';
import type { WholeAnswer } from '../frame/call-listener.js';
import { EarlyEnd } from './early-end.js';
import { type Ended, answerOf, notesOn } from './ending.js';
import type { Answer, Question } from './model.js';
import { toUsage } from './transcript.js';
import type { Hearing } from './wire/dialect.js';

/** All that an answer is read from. */
export interface Whole extends Pick<Ended, 'text' | 'thought' | 'finish'> {
  hearing: Readonly<Hearing>;
  /** We ended the call. */
  stopped: boolean;
  /** What it has used by our estimate, for a call whose provider did not come to say it. */
  spent: Spent;
}

export const toKeep = ({ hearing, stopped, spent, ...answer }: Whole): WholeAnswer => ({
  ...answer,
  told: { hearing, stopped, spent } satisfies Told,
});

type Told = Pick<Whole, 'hearing' | 'stopped' | 'spent'>;

/**
 * Reads the answer that another worker got and died over.
 * @throws {StepFailure} as `readWhole`
 */
export function readKept<T>(
  question: Question<T>,
  { kept, secrets }: { kept: WholeAnswer; secrets: readonly string[] },
): Answer<T> {
  const { told, finish, ...answer } = kept;
  const whole = { ...answer, finish: finish as Ended['finish'], ...(told as Told) };
  const early = new EarlyEnd(question);
  question.onText?.(whole.text);
  early.heard(whole.text);
  early.stop();
  return readWhole(question, { ...whole, early, broken: null, secrets });
}

interface Reading<T> extends Whole, Pick<Ended, 'broken' | 'secrets'> {
  early: EarlyEnd<T>;
}

/** @throws {StepFailure} for an answer that is of no use; it does not quote the answer, which is a stranger's text */
export function readWhole<T>(question: Question<T>, { early, ...whole }: Reading<T>): Answer<T> {
  const { text, finish, hearing, stopped, spent } = whole;
  const kept = early.kept(stopped || (finish?.reason === 'length' && question.form.schema !== null));
  if (!kept) return answerOf(question, whole);
  return {
    ...kept,
    text,
    usage: finish ? toUsage(finish.usage) : spent,
    provider: question.model,
    notes: [...kept.notes, ...notesOn(question, hearing)],
  };
}
