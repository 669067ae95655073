import { setTimeout as pause } from 'node:timers/promises';
import { toApplicationFailure } from '../../activities/frame/classify.js';
import { isDatabaseUnavailable } from '../../store/unavailable.js';
import { within } from '../within.js';

/** A workflow task has 10 s, and one that fails comes again only after a while. */
const limitMs = 7_000;
const pauseMs = 200;

/**
 * Tries again while the database is away, so that a short outage costs no task and no attempt of a step.
 * @throws {ApplicationFailure} which Temporal shows, and tries the task or the attempt again
 */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const leftMs = deadline - performance.now();
    try {
      return await within(leftMs, work());
    } catch (error) {
      if (!isDatabaseUnavailable(error) || leftMs < pauseMs) throw toApplicationFailure(error);
      await pause(Math.min(pauseMs, leftMs));
    }
  }
}
