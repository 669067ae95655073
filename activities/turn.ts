import type { Concurrency } from '../store/concurrency.js';
import { currentStep } from './step.js';

export interface Turn {
  owner: string;
  type: string;
  key: string;
}

/** Whether Temporal still runs a job: false once it has closed, null when Temporal does not know it. */
export type IsOpen = (jobId: string) => Promise<boolean | null>;

export function createTurnActivities({ concurrency, isOpen }: { concurrency: Concurrency; isOpen: IsOpen }) {
  return {
    /** Whether the job holds its key now. A job that starts delayed takes its place in the queue here, when it is due. */
    async takeTurn(turn: Turn): Promise<boolean> {
      const { jobId } = currentStep();
      await concurrency.enter({ ...turn, jobId });
      return (await concurrency.holder(turn, isOpen)) === jobId;
    },
  };
}
