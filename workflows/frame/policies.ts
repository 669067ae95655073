import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';

export interface Policy extends ActivityOptions {
  /** One attempt. */
  startToCloseTimeout: number | string;
  /** All attempts and the pauses between them. Time ends a step, not a count: a deploy costs an attempt too. */
  scheduleToCloseTimeout: number | string;
}

/**
 * The SDK sends TRY_CANCEL when this is unset, and the run would close while the activity still works.
 */
export const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

/** How the frame's own activities are limited and tried again. */
export const framePolicies = {
  /** After a cancel: whether the effect happened. Bounded, so that a cancelled job ends even without a database. */
  settle: {
    startToCloseTimeout: '12 seconds',
    scheduleToCloseTimeout: '30 seconds',
    retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '5 seconds' },
    cancellationType,
  },
  /**
   * One look is short; all of them together last as long as a job queues for its concurrency key. The pause after a look
   * that went well is the activity's own; these are for outages.
   */
  turn: {
    startToCloseTimeout: '12 seconds',
    scheduleToCloseTimeout: '365 days',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '15 seconds' },
    cancellationType,
  },
  /**
   * Within the workflow task, as a local activity, which spares the server an activity a job. Until it is over a query
   * has to wait, so that it gets one short attempt; what needs patience follows as an ordinary activity.
   */
  atOnce: {
    startToCloseTimeout: '2 seconds',
    scheduleToCloseTimeout: '2 seconds',
    retry: { maximumAttempts: 1 },
    cancellationType,
  },
  /** Bounded by the frame once more, all of it together. Without a heartbeat, so that a cancel does not cut it short. */
  cleanUp: {
    startToCloseTimeout: '12 seconds',
    scheduleToCloseTimeout: '40 seconds',
    retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '5 seconds' },
    cancellationType,
  },
  /** Bounded likewise; an outcome that was not archived here is archived by the API when it sees the end. */
  archive: {
    startToCloseTimeout: '12 seconds',
    scheduleToCloseTimeout: '1 minute',
    retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
    cancellationType,
  },
} satisfies Record<string, Policy>;
