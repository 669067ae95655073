import type { JobStatus } from '../../job-types/contract/job.js';

export interface Covered {
  /** Of the job type. */
  steps: number;
  succeeded: number;
  /** How far the step that runs says it is. */
  within: { done?: number | null; total?: number | null } | null | undefined;
}

/** How far a job is, for one that is read and in a list alike. */
export function percentOf(status: JobStatus, { steps, succeeded, within }: Covered): number {
  if (status === 'succeeded') return 100;
  const inStep = within?.done && within.total ? Math.min(within.done / within.total, 1) : 0;
  return steps === 0 ? 0 : Math.floor(Math.min((succeeded + inStep) / steps, 1) * 100);
}
