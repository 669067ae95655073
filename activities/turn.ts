import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { Concurrency } from '../store/concurrency.js';
import { isDatabaseRefusal, isDatabaseUnavailable } from '../store/unavailable.js';
import { currentStep } from './step.js';

export interface Turn {
  owner: string;
  type: string;
  key: string;
}

/** Whether Temporal still runs a job: false once it has closed, null when Temporal does not know it. */
export type IsOpen = (jobId: string) => Promise<boolean | null>;

/** The call of the job before can be lost with the process that was about to make it. */
const lookAgainAfter = '30 seconds';

export function createTurnActivities({ concurrency, isOpen }: { concurrency: Concurrency; isOpen: IsOpen }) {
  /** A job that starts delayed takes its place in the queue here, when it is due; one that has lost its place, a new one. */
  const takeTurn = async (turn: Turn): Promise<boolean> => {
    const { jobId } = currentStep();
    const place = { ...turn, jobId };
    const isStillOpen = async (id: string) => id === jobId || isOpen(id);
    for (;;) {
      if (await concurrency.hold(place)) return true;
      await concurrency.enter(place);
      if ((await concurrency.holder(turn, isStillOpen)) !== jobId) return false;
    }
  };

  return {
    /** Whether the job holds its key now; from then on it does until it gives the key up. */
    takeTurn,

    /**
     * Ends when the job holds its key. Until then every look is a failed attempt, of which a history keeps no record:
     * a job may queue for months.
     */
    async awaitTurn(turn: Turn): Promise<void> {
      let holds: boolean;
      try {
        holds = await takeTurn(turn);
      } catch (error) {
        if (isDatabaseUnavailable(error) || isDatabaseRefusal(error)) throw error;
        // However often it was looked before: an unexpected error is final only when it is the attempt that counts.
        throw ApplicationFailure.retryable(
          `Whose turn it is cannot be told: ${String(error)}`,
          'turn-unknown',
        );
      }
      if (holds) return;
      throw ApplicationFailure.create({
        message: 'Another job holds the key.',
        type: 'not-yet',
        nextRetryDelay: lookAgainAfter,
        category: ApplicationFailureCategory.BENIGN,
      });
    },
  };
}
