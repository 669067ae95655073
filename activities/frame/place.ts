import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { Places } from '../../store/places.js';
import { isDatabaseRefusal } from '../../store/unavailable.js';
import { currentStep } from './step.js';

export interface PlaceAsked {
  owner: string;
  /** Of one lane one job at a time runs, in their order; null for a job that stands alone. */
  lane: string | null;
}

/** What is waited for is told by nobody. */
const lookAgainAfter = '1 second';

export interface PlaceDependencies {
  places: Pick<Places, 'take'>;
  /** How many jobs of an owner run at once, by job type; a type that is not named has no limit. */
  atOnce: Readonly<Record<string, number>>;
}

export const createPlaceActivities = ({ places, atOnce }: PlaceDependencies) => ({
  /** Whether the job may run now. It has its place in the queue from then on. */
  async takePlace({ owner, lane }: PlaceAsked): Promise<boolean> {
    const { jobId, jobType: kind } = currentStep();
    return places.take({ jobId, owner, kind, lane, most: atOnce[kind] ?? Number.MAX_SAFE_INTEGER });
  },

  /**
   * Ends when the job may run. Until then every look is a failed attempt, of which a history keeps no record.
   */
  async awaitPlace({ owner, lane }: PlaceAsked): Promise<void> {
    const { jobId, jobType: kind } = currentStep();
    const most = atOnce[kind] ?? Number.MAX_SAFE_INTEGER;
    let held: boolean;
    try {
      held = await places.take({ jobId, owner, kind, lane, most });
    } catch (error) {
      if (isDatabaseRefusal(error)) throw error;
      throw notYet(`Whether it is the job's turn cannot be told: ${String(error)}`);
    }
    if (!held) throw notYet('Other jobs of its owner run.', lookAgainAfter);
  },
});

const notYet = (message: string, nextRetryDelay?: '1 second'): ApplicationFailure =>
  ApplicationFailure.create({
    message,
    type: 'not-yet',
    category: ApplicationFailureCategory.BENIGN,
    ...(nextRetryDelay === undefined ? {} : { nextRetryDelay }),
  });
