/**
 * A second is promised, and a test gives a busy machine six. It is for what would otherwise take ten and more: a call without a
 * deadline, and a wait that nobody ends.
 */
export const promptMs = 6_000;

/**
 * How long nine in ten took at most. A machine that pauses makes a few answers late, and what is wrong makes all of them late.
 *
 * @param each milliseconds, at least one
 */
export function nineInTenMs(each: readonly number[]): number {
  const sorted = each.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.9) - 1] ?? Number.NaN;
}

/**
 * Measures up to five times, or as often as is said, until it took less than the limit, and tells the least in milliseconds.
 * What makes a machine pause now and then does not make it pause each time.
 */
export async function leastMs(limitMs: number, measure: () => Promise<number>, most = 5): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < most && least >= limitMs; tries += 1) least = Math.min(least, await measure());
  return least;
}

/**
 * For what holds unless the machine pauses in the middle of it: tries until a round does not throw, up to so many times.
 *
 * @returns what that round has returned
 * @throws what the last round threw
 */
export async function inFewRounds<T>(round: () => Promise<T>, rounds = 5): Promise<T> {
  for (let left = rounds - 1; left > 0; left -= 1) {
    try {
      return await round();
    } catch {
      // The next one may hold, and the last one tells.
    }
  }
  return round();
}
