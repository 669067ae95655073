import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { LRUCache } from 'lru-cache';
import type { Concurrency, IsOpen } from '../../store/concurrency.js';
import { stateKey } from '../../store/events.js';
import { isDatabaseRefusal, isDatabaseUnavailable } from '../../store/unavailable.js';
import type { EventWriter } from './event-writer.js';
import { currentStep } from './step.js';

export interface Turn {
  owner: string;
  type: string;
  key: string;
}

/** The call of the job before can be lost with the process that was about to make it. */
const lookAgainAfter = '30 seconds';

/** Runs whose queueing need not be told again. */
const mostTold = 10_000;

export interface TurnDependencies {
  concurrency: Concurrency;
  isOpen: IsOpen;
  writer: Pick<EventWriter, 'write'>;
}

export function createTurnActivities({ concurrency, isOpen, writer }: TurnDependencies) {
  const told = new LRUCache<string, true>({ max: mostTold });

  /** A run looks many times while it queues. The log keeps one word of it, whichever process tells it. */
  const tellQueued = ({ owner, type, key }: Turn, behind: string | null): void => {
    const { jobId, runId } = currentStep();
    if (told.has(runId)) return;
    told.set(runId, true);
    writer.write(jobId, {
      key: stateKey(runId, 'queued'),
      type: 'job.queued',
      time: new Date().toISOString(),
      data: { key, behind },
      about: { owner, type },
      unless: [stateKey(runId, 'running')],
    });
  };

  /** A job that starts delayed takes its place in the queue here, when it is due; one that has lost its place, a new one. */
  const askForTurn = async (turn: Turn): Promise<{ holds: boolean; holder?: string | null }> => {
    const { jobId } = currentStep();
    const place = { ...turn, jobId };
    const isStillOpen: IsOpen = async (id, key) => id === jobId || isOpen(id, key);
    for (;;) {
      if (await concurrency.hold(place)) return { holds: true };
      await concurrency.enter(place);
      const holder = await concurrency.holder(turn, isStillOpen);
      if (holder === jobId) continue;
      tellQueued(turn, holder);
      return { holds: false, holder };
    }
  };

  return {
    /** Whether the job holds its key now; from then on it does until it gives the key up. */
    takeTurn: async (turn: Turn): Promise<boolean> => (await askForTurn(turn)).holds,

    /**
     * Ends when the job holds its key. Until then every look is a failed attempt, of which a history keeps no record:
     * a job may queue for months.
     */
    async awaitTurn(turn: Turn): Promise<void> {
      let asked: Awaited<ReturnType<typeof askForTurn>>;
      try {
        asked = await askForTurn(turn);
      } catch (error) {
        throw toLook(error);
      }
      if (asked.holds) return;
      throw ApplicationFailure.create({
        message: `${asked.holder ? `Job ${asked.holder}` : 'Another job'} holds the key.`,
        type: 'not-yet',
        nextRetryDelay: lookAgainAfter,
        category: ApplicationFailureCategory.BENIGN,
      });
    },
  };
}

/**
 * Why a look told nothing, as Temporal is told: whoever queues is to look again, however often that has failed before.
 * Of an outage it says so without a line in the log, which each job of a long queue would write at every look.
 */
function toLook(error: unknown): unknown {
  if (isDatabaseRefusal(error)) return error;
  const failure = isDatabaseUnavailable(error)
    ? { type: 'storage-unavailable', category: ApplicationFailureCategory.BENIGN }
    : { type: 'turn-unknown' };
  return ApplicationFailure.create({
    ...failure,
    message: `Whose turn it is cannot be told: ${String(error)}`,
  });
}
