import type { Receipts } from '../../store/receipts.js';
import { StepFailure } from './step-failure.js';
import { type Step, currentStep } from './step.js';

/** A model that cannot keep to the form does not learn it from being asked again. */
const mostMalformedAnswers = 3;

/**
 * Does the work of a step that is paid for. Its outcome is kept, and is never paid for again: not by another attempt, nor
 * by a job that retries this one.
 */
export async function payOnce<T extends { notes: string[] }>(
  receipts: Pick<Receipts, 'find' | 'put'>,
  work: () => Promise<T>,
): Promise<T> {
  const step = currentStep();
  const { rootJobId, runId, name, signal } = step;
  const earlier = await receipts.find<T>({ rootJobId, step: name });
  if (earlier) {
    if (step.jobId !== rootJobId) step.noteReused();
    return earlier;
  }
  const outcome = await limitMalformed(step, work);
  try {
    await receipts.put({ rootJobId, step: name, runId }, outcome);
  } catch (error) {
    // The answer is paid for and here; failing now would buy it again. Temporal keeps it as this step's result.
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    outcome.notes.push(`The answer could not be kept for a later retry of the job (${why}).`);
  }
  return outcome;
}

async function limitMalformed<T>(step: Step, work: () => Promise<T>): Promise<T> {
  const before = step.malformedAnswers;
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StepFailure) || error.code !== 'malformed-answer') throw error;
    step.noteMalformedAnswer();
    if (before + 1 < mostMalformedAnswers) throw error;
    const detail = `${error.message} No more than ${mostMalformedAnswers} malformed answers are paid for.`;
    throw new StepFailure(error.code, detail, { ...error.options, final: true });
  }
}
