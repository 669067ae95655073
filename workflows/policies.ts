import { type Policy, cancellationType } from './frame/policies.js';

/** How long a worker may be silent before another takes its step. The timer that beats is in `activities/frame/attempt.ts`. */
const heartbeatTimeout = '10 seconds';

/** How each kind of step is limited and tried again. Rows with a heartbeat can be stopped in the middle of an attempt. */
export const policies = {
  /** The fetcher gives an attempt 30 s by itself; sites that are down for longer are not worth a waiting person's time. */
  fetch: {
    startToCloseTimeout: '45 seconds',
    scheduleToCloseTimeout: '5 minutes',
    heartbeatTimeout,
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
    cancellationType,
  },
  /** Long answers take minutes; provider outages of half an hour are ordinary, and 429s say how long to wait. */
  model: {
    startToCloseTimeout: '15 minutes',
    scheduleToCloseTimeout: '1 hour',
    heartbeatTimeout,
    retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
    cancellationType,
  },
  /** A file of hours is sent in parts, which are kept one by one. The transcriber's own deadline is that of a call. */
  transcribe: {
    startToCloseTimeout: '2 hours',
    scheduleToCloseTimeout: '3 hours',
    heartbeatTimeout,
    retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
    cancellationType,
  },
  /** What is done without when it does not come: a text is kept unreviewed, and nobody waits an hour for less. */
  review: {
    startToCloseTimeout: '5 minutes',
    scheduleToCloseTimeout: '10 minutes',
    heartbeatTimeout,
    retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
    cancellationType,
  },
  /** A large workbook takes a minute or two; what makes one fail makes it fail again, but for outages. */
  operation: {
    startToCloseTimeout: '20 minutes',
    scheduleToCloseTimeout: '1 hour',
    heartbeatTimeout,
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
    cancellationType,
  },
  /** Short by itself (the database driver gives up after 11 s), patient when the database is away: the work is done. */
  save: {
    startToCloseTimeout: '30 seconds',
    scheduleToCloseTimeout: '1 hour',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '15 seconds' },
    cancellationType,
  },
  /** What it reads and writes may be 200 MB, and the database may be away: the texts are there already. */
  collect: {
    startToCloseTimeout: '15 minutes',
    scheduleToCloseTimeout: '1 hour',
    heartbeatTimeout,
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '15 seconds' },
    cancellationType,
  },
  /** After a cancel or a failure, whose end it must not hold up. */
  cleanUp: {
    startToCloseTimeout: '12 seconds',
    scheduleToCloseTimeout: '25 seconds',
    retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '5 seconds' },
    cancellationType,
  },
} satisfies Record<string, Policy>;
