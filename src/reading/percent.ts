import type { JobStatus } from '../../job-types/contract/job.js';

export interface Covered {
  /** Of the job type. */
  steps: number;
  succeeded: number;
  /** How far the step that runs says it is. */
  within: { done?: number | null; total?: number | null } | null | undefined;
}

/** All steps are done, and the job is not: it has yet to close, or was ended at that moment. */
const almost = 99;

/** How far a job is, for one that is read and in a list alike. */
export function percentOf(status: JobStatus, { steps, succeeded, within }: Covered): number {
  if (status === 'succeeded') return 100;
  const inStep = within?.done && within.total ? Math.min(within.done / within.total, 1) : 0;
  return steps === 0 ? 0 : Math.min(Math.floor(((succeeded + inStep) / steps) * 100), almost);
}
