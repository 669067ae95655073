import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { NewerDatabaseError } from '../store/migrations.js';
import { ConfigError } from './config.js';

/** Servers that start beside us, as in a compose file or after a power cut, get this long. */
const patienceMs = 60_000;
const longestPauseMs = 2_000;

/**
 * Repeats what a process cannot start without, until it works.
 * @throws {ConfigError} at once, for what does not pass by itself
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
      const remedy = remedyFor(error);
      if (remedy !== null) throw new ConfigError(remedy, { cause: error });
      if (Date.now() > deadline) throw error;
      logger.warn(`${what} does not answer yet and is tried again: ${String(error)}`);
      await pause(pauseMs);
    }
  }
}

/** By SQLSTATE: what a person has to mend. */
const remedies: readonly (readonly [state: RegExp, remedy: string])[] = [
  [/^28/, 'Correct the user and the password in DATABASE_URL.'],
  [/^3D000$/, 'Create that database, or name another in DATABASE_URL.'],
  [/^42501$/, 'Grant the user of DATABASE_URL the right to create tables there, or name another.'],
];

/** What went wrong and what to do about it, in a line. Null for what may pass by itself. */
function remedyFor(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof NewerDatabaseError) {
    return (
      `${error.message} A newer version of Longhaul has used it: go on with that version, name another database in ` +
      'DATABASE_URL, or begin with an empty one (npm run reset deletes the local one).'
    );
  }
  const state = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const remedy = remedies.find(([form]) => form.test(state))?.[1];
  return remedy === undefined ? null : `The database refuses us: ${error.message}. ${remedy}`;
}
