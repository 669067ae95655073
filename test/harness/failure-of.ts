import { StepFailure } from '../../activities/frame/step-failure.js';

/** The StepFailure that a promise ends with; anything else, a result included, is thrown. */
export async function failureOf(work: Promise<unknown>): Promise<StepFailure> {
  try {
    const result = await work;
    throw new Error(`It succeeded: ${JSON.stringify(result)}`);
  } catch (error) {
    if (error instanceof StepFailure) return error;
    throw error;
  }
}
