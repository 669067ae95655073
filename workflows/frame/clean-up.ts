import { ActivityFailure, CancellationScope } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.js';
import type { JobOutcome } from '../../job-types/contract/outcome.js';
import { wasCancelled } from './cancellation.js';
import { framePolicies } from './policies.js';
import type { StepOptions } from './run-step.js';

/** What the job has come to, for those who clean up after it. */
export type End = Pick<JobOutcome, 'status' | 'output' | 'failure' | 'result'>;

export interface CleanUp {
  /** A step of the job. */
  name: string;
  run(activities: Activities, end: End): Promise<unknown>;
  summary: string;
}

/** Milliseconds, of all clean-up of a job together. What Temporal leaves a job beyond its time-out is a minute. */
const limitMs = 40_000;

/**
 * Does it, the last that was asked for first, whatever the job has come to. Nothing stops it but its limit. What fails is
 * told by its step, and changes no end.
 */
export const runCleanUps = (
  cleanUps: readonly CleanUp[],
  step: (cleanUp: CleanUp, options: StepOptions<unknown>) => Promise<unknown>,
): Promise<void> =>
  CancellationScope.nonCancellable(async () => {
    try {
      await CancellationScope.withTimeout(limitMs, async () => {
        for (const cleanUp of cleanUps.toReversed()) {
          try {
            await step(cleanUp, { policy: framePolicies.cleanUp, summary: cleanUp.summary });
          } catch (error) {
            if (!(error instanceof ActivityFailure) || wasCancelled(error)) throw error;
          }
        }
      });
    } catch (error) {
      // Its time is up.
      if (!wasCancelled(error)) throw error;
    }
  });
