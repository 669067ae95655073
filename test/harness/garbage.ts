import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of the heap that something holds. */
export function heldHeap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** However long a machine stands still between two of them. */
const leastTries = 100;

/** Whether nothing holds the thing any more, within some time and some tries. */
export async function isCollected(thing: WeakRef<object>, limitMs = 10_000): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  for (let tries = 0; tries < leastTries || performance.now() < deadline; tries += 1) {
    collectGarbage();
    if (thing.deref() === undefined) return true;
    // What was looked at is held until the next turn of the event loop.
    await pause(20);
  }
  return false;
}
