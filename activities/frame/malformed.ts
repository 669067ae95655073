import { StepFailure } from './step-failure.js';
import { currentStep } from './step.js';

/** A model that cannot keep to the form does not learn it from being asked again. */
const mostMalformedAnswers = 3;

/** Lets no step pay for more than a few malformed answers, over all its attempts. */
export async function limitMalformed<T>(work: () => Promise<T>): Promise<T> {
  const step = currentStep();
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
