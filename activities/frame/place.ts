import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { Places } from '../../store/places.js';
import { isDatabaseRefusal } from '../../store/unavailable.js';
import { currentStep } from './step.js';

export interface PlaceAsked {
  owner: string;
  /** Of one lane one job at a time runs, in their order; null for a job that stands alone. */
  lane: string | null;
}

/**
 * Seconds until the next look, after looks that told nothing: 1, 2, 4, 8 and then these. The end of a job calls the next
 * one. The call can be lost with the process that was about to make it.
 */
const longestPause = 15;

/** The first look that comes a minute after the first one. No start takes that long: a place without a job is given up. */
const afterAnyStart = 8;

export interface PlaceDependencies {
  places: Pick<Places, 'take' | 'waitingBefore' | 'leave'>;
  /** How many jobs of an owner run at once, by job type; a type that is not named has no limit. */
  atOnce: Readonly<Record<string, number>>;
  /** Whether a job that has a place will come to use it. */
  isComing(jobId: string): Promise<boolean>;
}

export function createPlaceActivities({ places, atOnce, isComing }: PlaceDependencies) {
  const take = ({ owner, lane }: PlaceAsked): Promise<boolean> => {
    const { jobId, jobType: kind } = currentStep();
    return places.take({ jobId, owner, kind, lane, most: atOnce[kind] ?? Number.MAX_SAFE_INTEGER });
  };

  /** Places are given before jobs are started, and a start may come to nothing. */
  async function clearQueue(jobId: string): Promise<void> {
    for (const before of await places.waitingBefore(jobId)) {
      if (!(await isComing(before))) await places.leave(before);
    }
  }

  return {
    /** Whether the job may run now. It has its place in the queue from then on. */
    takePlace: take,

    /**
     * Ends when the job may run. Until then every look is a failed attempt, of which a history keeps no record.
     */
    async awaitPlace(asked: PlaceAsked): Promise<void> {
      const { jobId, attempt } = currentStep();
      let held: boolean;
      try {
        held = await take(asked);
        if (!held && attempt >= afterAnyStart) await clearQueue(jobId);
      } catch (error) {
        if (isDatabaseRefusal(error)) throw error;
        throw notYet(`Whether it is the job's turn cannot be told: ${String(error)}`);
      }
      const pause = Math.min(2 ** Math.min(attempt - 1, 9), longestPause);
      if (!held) throw notYet('Other jobs of its owner run.', pause);
    },
  };
}

/** @param pause in seconds; the policy's own where it is left out */
const notYet = (message: string, pause?: number): ApplicationFailure =>
  ApplicationFailure.create({
    message,
    type: 'not-yet',
    category: ApplicationFailureCategory.BENIGN,
    ...(pause === undefined ? {} : { nextRetryDelay: pause * 1000 }),
  });
