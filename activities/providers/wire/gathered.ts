/**
 * What a source gives, at most so often: the first of it at once, then together what has come meanwhile. A source that
 * ends or breaks is not waited for.
 *
 * @throws what the source throws; what had come before that is given first
 */
export async function* gathered<T>(
  source: AsyncIterable<T>,
  { everyMs, onEach }: { everyMs(): number; onEach(): void },
): AsyncGenerator<T[]> {
  const from = source[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<T, unknown>> | null = null;
  const read = () => {
    next = from.next();
    // Its failure, if it is still waited for, comes where it is awaited.
    next.catch(() => undefined);
    return next;
  };
  let givenAt = Number.NEGATIVE_INFINITY;
  let over = false;
  try {
    while (!over) {
      const pieces: T[] = [];
      const time = new Time();
      const take = (result: IteratorResult<T, unknown>): void => {
        next = null;
        over = result.done === true;
        if (result.done) return;
        onEach();
        pieces.push(result.value);
      };
      try {
        take(await (next ?? read()));
        const waitMs = givenAt + everyMs() - performance.now();
        if (waitMs > 0) time.begin(waitMs);
        while (!over && time.goesOn) {
          const result = await Promise.race([next ?? read(), time.up]);
          if (result !== null) take(result);
        }
      } catch (error) {
        if (pieces.length > 0) yield pieces;
        throw error;
      } finally {
        time.end();
      }
      givenAt = performance.now();
      if (pieces.length > 0) yield pieces;
    }
  } finally {
    // Not waited for: a source that is being read from ends when the call does.
    if (!over) void from.return?.().catch(() => undefined);
  }
}

/** In which more is gathered. One timer, whatever comes. */
class Time {
  goesOn = false;
  up: Promise<null> = Promise.resolve(null);
  private timer: NodeJS.Timeout | undefined;

  begin(ms: number): void {
    this.goesOn = true;
    this.up = new Promise((resolve) => {
      this.timer = setTimeout(() => {
        this.goesOn = false;
        resolve(null);
      }, ms);
    });
  }

  end(): void {
    this.goesOn = false;
    clearTimeout(this.timer);
  }
}
