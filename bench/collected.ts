import { setTimeout as pause } from 'node:timers/promises';
import { residentMb } from './process-cost.js';
import type { RunningApi } from './rig.js';

/** How long a process has to come to rest before it is asked to give back what it does not need, and to do so. */
const restMs = 1_500;

/** For the environment of a process of which `collectedMb` is asked. */
export const collecting = {
  NODE_OPTIONS: `--expose-gc --import=${new URL('collect-on-signal.js', import.meta.url).href}`,
};

/** Resident memory after the garbage was collected. */
export async function collectedMb({ pid }: RunningApi): Promise<number> {
  await pause(restMs);
  process.kill(pid, 'SIGCONT');
  await pause(restMs);
  return residentMb(pid);
}
