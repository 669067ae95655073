import { setTimeout as pause } from 'node:timers/promises';

export interface RoundsOptions {
  /** @param signal aborts when the process ends */
  round(signal: AbortSignal): Promise<void>;
  /** From the end of a round to the next one. In ms, as is the other. */
  everyMs: number;
  firstAfterMs: number;
  /** Pauses are a quarter more or less, so that processes that start together do not go in step. */
  uneven: boolean;
  /** Told of the first round of an outage that fails. The next one comes all the same. */
  onOutage(error: unknown): void;
}

/** Work that a process does again and again beside its requests. */
export class Rounds {
  private readonly stopping = new AbortController();
  private running: Promise<void> | null = null;
  private failing = false;

  constructor(private readonly options: RoundsOptions) {}

  /** Aborts when the process ends. */
  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  begin(): void {
    this.running ??= this.run();
  }

  /** Resolves when the round that is under way has ended. */
  async end(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { everyMs, firstAfterMs, uneven } = this.options;
    const { signal } = this;
    for (let ms = firstAfterMs; ; ms = everyMs) {
      const share = uneven ? 0.75 + Math.random() / 2 : 1;
      await pause(ms * share, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.once();
    }
  }

  private async once(): Promise<void> {
    try {
      await this.options.round(this.signal);
      this.failing = false;
    } catch (error) {
      if (!this.failing && !this.signal.aborted) this.options.onOutage(error);
      this.failing = true;
    }
  }
}
