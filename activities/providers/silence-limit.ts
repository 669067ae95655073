import { StepFailure } from '../frame/step-failure.js';

/** How long a provider may say nothing. */
export interface Patience {
  /**
   * Before the first word of an answer. Local servers load the model first, and reasoning models think in silence.
   * Requests wait in a queue of the server's own, and a call that is cut goes to its back.
   */
  firstMs: number;
  /** Between two signs of life after that. Anything that comes over the connection is one. */
  nextMs: number;
  /** For the whole of an answer, however lively; none when absent. */
  wholeMs?: number;
}

export interface SilenceLimit {
  /** Aborts when the provider has been silent for too long. */
  signal: AbortSignal;
  /** To be told of everything that comes over the connection. */
  alive(): void;
  /** To be told when the model has begun to speak or to think aloud. */
  began(): void;
  /** What to throw, if it was the silence that ended the call. */
  failure(provider: string): StepFailure | null;
  stop(): void;
}

export function createSilenceLimit({ firstMs, nextMs, wholeMs }: Patience): SilenceLimit {
  const controller = new AbortController();
  const startedAt = performance.now();
  let aliveAt: number | null = null;
  let what = '';
  const giveUp = (said: string, since: number): void => {
    what = `${said} ${seconds(performance.now() - since)}`;
    controller.abort();
  };
  const first = new Limit(firstMs, () => {
    const said = aliveAt === null ? 'said nothing for' : 'gave signs of life and no answer for';
    giveUp(said, startedAt);
  });
  const endWhole = () => giveUp('was still answering after', startedAt);
  const whole = wholeMs === undefined ? null : new Limit(wholeMs, endWhole);
  let next: Limit | null = null;
  let stopped = false;
  return {
    signal: controller.signal,
    alive() {
      aliveAt = performance.now();
      if (!stopped) next?.restart();
    },
    began() {
      first.stop();
      if (stopped) return;
      next ??= new Limit(nextMs, () => giveUp('said nothing more for', aliveAt ?? startedAt));
    },
    failure(provider) {
      if (!controller.signal.aborted) return null;
      return new StepFailure('provider-timed-out', `${provider} ${what}.`, { provider });
    },
    stop() {
      stopped = true;
      first.stop();
      whole?.stop();
      next?.stop();
    },
  };
}

/** A timer that is later than this says that the process or its machine was held up, and not the provider. */
const heldUpMs = 250;

/** Calls back once its time is over. A process that was held up first reads what has come meanwhile, for as long as it was. */
class Limit {
  private readonly timer: NodeJS.Timeout;
  private dueAt: number;
  private extension: NodeJS.Timeout | undefined;

  constructor(
    private readonly ms: number,
    private readonly over: () => void,
  ) {
    this.dueAt = performance.now() + ms;
    this.timer = setTimeout(() => this.due(), ms);
  }

  /** Costs little: it is called for everything that comes. */
  restart(): void {
    clearTimeout(this.extension);
    this.dueAt = performance.now() + this.ms;
    this.timer.refresh();
  }

  stop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.extension);
  }

  private due(): void {
    const late = performance.now() - this.dueAt;
    if (late < heldUpMs) this.over();
    else this.extension = setTimeout(this.over, Math.min(late, this.ms));
  }
}

const seconds = (ms: number): string => {
  const rounded = ms < 10_000 ? Math.round(ms / 100) / 10 : Math.round(ms / 1000);
  return `${rounded} seconds`;
};
