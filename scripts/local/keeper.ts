import { setTimeout as pause } from 'node:timers/promises';

/** Something that runs until it is stopped or ends by itself. */
export interface Running {
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export interface KeeperOptions<T extends Running> {
  /** As messages name it, at the start of a sentence: "PostgreSQL". */
  readonly label: string;
  readonly start: () => Promise<T>;
  readonly report: (line: string) => void;
}

const backOffMs = [500, 1_000, 2_000, 5_000, 10_000];
/** Who ran this long is not counted as failing again and again. */
const steadyMs = 60_000;

/** Keeps something running: when it ends without being told to, it is started again, ever more slowly. */
export class Keeper<T extends Running> {
  private current: Promise<T> | undefined;
  private readonly stopping = new AbortController();
  private watching: Promise<void> = Promise.resolve();

  constructor(private readonly options: KeeperOptions<T>) {}

  /** Resolves when it is ready for the first time. @throws what starting threw; it is then not tried again */
  async start(): Promise<T> {
    this.current = this.options.start();
    const running = await this.current;
    this.watching = this.watch(running);
    return running;
  }

  /** Resolves when it has ended, and will not be started again. */
  async stop(): Promise<void> {
    this.stopping.abort();
    const running = await this.current?.catch(() => undefined);
    await running?.stop();
    await this.watching;
  }

  private async watch(first: T): Promise<void> {
    const { label, report } = this.options;
    let running: T | undefined = first;
    let failures = 0;
    while (!this.stopping.signal.aborted) {
      if (running) {
        const since = performance.now();
        const how = await running.ended;
        if (this.stopping.signal.aborted) return;
        if (performance.now() - since > steadyMs) failures = 0;
        report(`${label} ended unexpectedly (${how}); starting it again.`);
      }
      await this.wait(backOffMs[Math.min(failures, backOffMs.length - 1)] ?? 0);
      failures += 1;
      running = await this.restart();
    }
  }

  private async restart(): Promise<T | undefined> {
    const { label, report, start } = this.options;
    if (this.stopping.signal.aborted) return undefined;
    try {
      this.current = start();
      const running = await this.current;
      if (!this.stopping.signal.aborted) report(`${label} runs again.`);
      return running;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.stopping.signal.aborted)
        report(`${label} could not be started again; trying further. ${reason}`);
      return undefined;
    }
  }

  private async wait(ms: number): Promise<void> {
    const interrupted = () => undefined;
    await pause(ms, undefined, { signal: this.stopping.signal }).catch(interrupted);
  }
}
