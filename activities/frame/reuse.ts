import type { Receipts } from '../../store/receipts.js';
import { currentStep } from './step.js';

/**
 * Does the work of a step once for a job and its retries: what an earlier attempt, or the job this one retries, has
 * left is returned as it is. For work whose repetition costs time or money and does no other harm.
 */
export async function reuse<T>(receipts: Pick<Receipts, 'find' | 'put'>, work: () => Promise<T>): Promise<T> {
  const step = currentStep();
  const { rootJobId, jobId, runId, name, attempt } = step;
  // The first attempt of a first job has nothing to find, and is spared the question.
  const earlier =
    attempt > 1 || jobId !== rootJobId ? await receipts.find<T>({ rootJobId, step: name }) : null;
  if (earlier !== null) {
    if (jobId !== rootJobId) step.noteReused();
    return earlier;
  }
  const outcome = await work();
  await receipts.put({ rootJobId, step: name, runId }, outcome);
  return outcome;
}
