/** Nobody would be there any more for the answer to a call that has less time. */
const worthwhileMs = 50;

/**
 * So many calls at a time, the others wait in line. A server that is asked for everything at once answers nothing in
 * time; asked in turn, it answers the first of them in time.
 */
export class CallLane {
  private readonly line: (() => void)[] = [];
  private under = 0;

  constructor(private readonly width: number) {}

  /** Whether a call would have to wait. */
  get full(): boolean {
    return this.under >= this.width;
  }

  /**
   * @param call is handed what is left of its time, 0 when its turn comes too late
   * @param limitMs for the wait and the call together
   */
  async through<T>(call: (leftMs: number) => Promise<T>, { limitMs }: { limitMs: number }): Promise<T> {
    const end = Date.now() + limitMs;
    // Who leaves gives its place to the next in line, so that nobody comes in between.
    if (this.full) await new Promise<void>((enter) => this.line.push(enter));
    else this.under += 1;
    try {
      const leftMs = end - Date.now();
      return await call(leftMs < worthwhileMs ? 0 : leftMs);
    } finally {
      const next = this.line.shift();
      if (next) next();
      else this.under -= 1;
    }
  }
}
