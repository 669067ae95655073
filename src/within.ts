/**
 * The work, unless its time is over first; it then goes on, and nobody hears how it ends.
 * @param leftMs asked again whenever the time it gave is over, so that a limit can move
 * @throws with the code of a connection that timed out, so that a database is seen to be away.
 */
export async function whileTimeIsLeft<T>(leftMs: () => number, work: Promise<T>): Promise<T> {
  const began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const late = new Promise<never>((_, reject) => {
    const look = (): void => {
      if (over) return;
      const left = leftMs();
      // In a busy process timers come before the answers that have arrived meanwhile.
      if (left > 0) timer = setTimeout(() => setImmediate(look), left);
      else reject(tooLate(performance.now() - began));
    };
    look();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    over = true;
    clearTimeout(timer);
  }
}

/** The work, unless it takes longer than the limit. @throws as `whileTimeIsLeft` does */
export function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const end = performance.now() + limitMs;
  return whileTimeIsLeft(() => end - performance.now(), work);
}

const tooLate = (ms: number) =>
  Object.assign(new Error(`no answer after ${Math.round(ms)} ms`), { code: 'ETIMEDOUT' });
