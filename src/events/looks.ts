/** How often what is watched is looked at without a notice. */
const everyMs = 2_000;

/** Looks regularly, and whenever it is asked to, never twice at once, until the process is about to end. */
export class Looks {
  private readonly stop = new AbortController();
  /** Aborted when the process is about to end. */
  readonly stopping = this.stop.signal;
  private timer: NodeJS.Timeout | null = null;
  private looking = false;

  constructor(private readonly look: () => Promise<unknown>) {}

  begin(): void {
    this.timer = setInterval(() => void this.now(), everyMs);
  }

  end(): void {
    this.stop.abort();
    if (this.timer) clearInterval(this.timer);
  }

  /** Does nothing while a look is under way. */
  async now(): Promise<void> {
    if (this.looking || this.stopping.aborted) return;
    this.looking = true;
    try {
      await this.look();
    } finally {
      this.looking = false;
    }
  }
}
