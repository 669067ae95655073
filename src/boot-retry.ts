import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';

/** Servers that start beside us, as in a compose file or after a power cut, get this long. */
const patienceMs = 60_000;
const longestPauseMs = 2_000;

/**
 * Repeats what a process cannot start without, until it works.
 * @throws what the last try threw, after a minute.
 */
export async function atBoot<T>(
  what: string,
  { work, logger }: { work: () => Promise<T>; logger: Logger },
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      logger.warn(`${what} does not answer yet and is tried again: ${String(error)}`);
      await pause(pauseMs);
    }
  }
}
