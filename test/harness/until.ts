import { setTimeout as pause } from 'node:timers/promises';

export interface UntilOptions {
  /** What is waited for, as the failure says it: "the job is running". */
  readonly what: string;
  /** A minute by default: a busy machine is late, and nothing waits longer than it has to. */
  readonly limitMs?: number;
  /** 20 ms by default. */
  readonly everyMs?: number;
  /** What else the failure says: more of what the last check saw. */
  readonly seen?: () => string;
}

/**
 * Resolves with the first value that is neither undefined, null nor false. A check that throws counts as "not yet".
 *
 * @throws after the limit, with what was waited for and what the last check gave
 */
export async function until<T>(
  check: () => T | Promise<T>,
  { what, limitMs = 60_000, everyMs = 20, seen = () => '' }: UntilOptions,
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const last = await attempt(check);
    if ('value' in last && last.value !== undefined && last.value !== null && last.value !== false) {
      return last.value as Exclude<T, undefined | null | false>;
    }
    if (performance.now() > deadline) {
      const ending = 'error' in last ? `threw ${String(last.error)}` : `gave ${String(last.value)}`;
      throw new Error(`Not within ${limitMs} ms: ${what}. The last check ${ending}. ${seen()}`, {
        cause: 'error' in last ? last.error : undefined,
      });
    }
    await pause(everyMs);
  }
}

async function attempt<T>(check: () => T | Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await check() };
  } catch (error) {
    return { error };
  }
}
