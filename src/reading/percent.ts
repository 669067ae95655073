import type { JobStatus } from '../../job-types/contract/job.js';

/** What is over of a step: items that failed are. */
export interface Within {
  done?: number | null;
  failed?: number | null;
  total?: number | null;
}

export interface Covered {
  /** Of the job type. */
  steps: number;
  succeeded: number;
  /** How far the steps that have not succeeded say they are, each by itself. */
  within: readonly (Within | null | undefined)[];
}

/** All steps are done, and the job is not: it has yet to close, or was ended at that moment. */
const almost = 99;

/** How far a job is, for one that is read and in a list alike. */
export function percentOf(status: JobStatus, { steps, succeeded, within }: Covered): number {
  if (status === 'succeeded') return 100;
  const inSteps = within.reduce((sum, step) => sum + partOf(step), 0);
  // Sums of parts may lie a hair below what they come to.
  const covered = Math.min(succeeded + inSteps, steps) + 1e-9;
  return steps === 0 ? 0 : Math.min(Math.floor((covered / steps) * 100), almost);
}

const partOf = (step: Within | null | undefined): number =>
  step?.total ? Math.min(((step.done ?? 0) + (step.failed ?? 0)) / step.total, 1) : 0;
