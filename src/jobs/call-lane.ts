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

  async through<T>(call: () => Promise<T>): Promise<T> {
    // Who leaves gives its place to the next in line, so that nobody comes in between.
    if (this.full) await new Promise<void>((enter) => this.line.push(enter));
    else this.under += 1;
    try {
      return await call();
    } finally {
      const next = this.line.shift();
      if (next) next();
      else this.under -= 1;
    }
  }
}
