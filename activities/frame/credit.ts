import type { CallOutcome } from '../../job-types/contract/call.js';
import type { EarlierCalls, Settlement } from '../../store/model-calls.js';
import { StepFailure } from './step-failure.js';

/** Answers of no use that a step pays for: a model that cannot keep to the form does not learn it from being asked again. */
const mostUnusable = 3;
/** Calls of a step that die with their workers. It may be their answers that kill. */
const mostLost = 3;
/** Calls of a step that we end ourselves: a worker that is told to stop says nothing of the answer, and deploys are many. */
const mostStopped = 10;

const unusable: ReadonlySet<CallOutcome> = new Set(['malformed', 'cut']);

/** Every outcome that was paid for counts, also that of a provider that took the question and then said nothing. */
export const isUnusable = ({
  outcome,
  failureCode,
  inputTokens,
  outputTokens,
  audioSeconds = 0,
}: Settlement): boolean =>
  (unusable.has(outcome) && failureCode !== 'budget-exceeded') ||
  (outcome === 'failed' && inputTokens + outputTokens + audioSeconds > 0);

/** @throws {StepFailure} when the worker of the last attempt died before it could say that it was the last one */
export function requireCredit({ unusable: count, lost, stopped, failureCode }: EarlierCalls): void {
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
export function bounded(error: unknown, count: number): unknown {
  if (!(error instanceof StepFailure) || count < mostUnusable) return error;
  const detail = `${error.message} No more than ${mostUnusable} answers of no use are paid for.`;
  return new StepFailure(error.code, detail, { ...error.options, final: true });
}
