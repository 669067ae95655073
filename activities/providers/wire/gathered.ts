type Read<T> = IteratorResult<T, unknown>;

export interface Gathering {
  /** Milliseconds from one group to the next, at least. */
  everyMs(): number;
  /** Told of each piece when it comes. */
  onEach(): void;
}

/**
 * What a source gives, in groups: the first of it at once, then together what has come in such a time. An end or a
 * break is not waited for.
 *
 * @throws what the source throws; what had come before that is given first
 */
export async function* gathered<T>(
  source: AsyncIterable<T>,
  { everyMs, onEach }: Gathering,
): AsyncGenerator<T[]> {
  const from = new Reading(source, onEach);
  let givenAt = Number.NEGATIVE_INFINITY;
  try {
    // Some may have come while nobody asked.
    while (!from.over || from.pieces.length > 0) {
      if (from.pieces.length === 0) await from.more();
      await from.moreWithin(givenAt + everyMs() - performance.now());
      givenAt = performance.now();
      if (from.pieces.length > 0) yield from.pieces.splice(0);
    }
    if (from.broken) throw from.broken.error;
  } finally {
    from.leave();
  }
}

/** A source that is read piece by piece, and not waited for longer than one likes. */
class Reading<T> {
  readonly pieces: T[] = [];
  /** Nothing follows. */
  over = false;
  broken: { error: unknown } | null = null;
  private readonly source: AsyncIterator<T, unknown>;
  private next: Promise<void> | null = null;

  constructor(
    source: AsyncIterable<T>,
    private readonly onEach: () => void,
  ) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** Waits for one piece, or the end. Never throws. */
  more(): Promise<void> {
    this.next ??= this.read();
    return this.next;
  }

  /** Takes what comes within the time. One timer, however much that is. */
  async moreWithin(ms: number): Promise<void> {
    if (ms <= 0 || this.over) return;
    let timer: NodeJS.Timeout | undefined;
    const up = new Promise<'up'>((resolve) => {
      timer = setTimeout(resolve, ms, 'up');
    });
    while (!this.over) if ((await Promise.race([this.more(), up])) === 'up') break;
    clearTimeout(timer);
  }

  /** Not waited for: a source that is being read from ends when the call does. */
  leave(): void {
    if (!this.over) void this.source.return?.().catch(() => undefined);
  }

  private async read(): Promise<void> {
    try {
      this.take(await this.source.next());
    } catch (error) {
      this.broken = { error };
      this.over = true;
    }
    this.next = null;
  }

  private take(result: Read<T>): void {
    this.over = result.done === true;
    if (result.done) return;
    this.onEach();
    this.pieces.push(result.value);
  }
}
