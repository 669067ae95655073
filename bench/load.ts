import { median } from './pairs.js';

/** p50 in ms of work done one after the other, for as long as a block lasts. */
export async function p50({
  work,
  blockMs,
}: {
  work: () => Promise<unknown>;
  blockMs: number;
}): Promise<number> {
  const took: number[] = [];
  const end = performance.now() + blockMs;
  while (performance.now() < end) {
    const started = performance.now();
    await work();
    took.push(performance.now() - started);
  }
  return median(took);
}

/**
 * Does work a number of times with so much of it in flight at once; resolves with how much was done a second.
 *
 * @throws the first error, once nothing is in flight any more
 */
export async function rate({
  work,
  times,
  inFlight,
}: {
  work: () => Promise<unknown>;
  times: number;
  inFlight: number;
}): Promise<number> {
  let left = times;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      try {
        await work();
      } catch (error) {
        left = 0;
        throw error;
      }
    }
  };
  const started = performance.now();
  const lanes = await Promise.allSettled(Array.from({ length: inFlight }, lane));
  const took = performance.now() - started;
  for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
  return (times * 1_000) / took;
}

export async function repeat(times: number, work: () => Promise<unknown>): Promise<void> {
  for (let count = 0; count < times; count += 1) await work();
}
