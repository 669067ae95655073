import { whileTimeIsLeft } from './within.js';

export interface PulseOptions {
  /** Asks the server for the least it can be asked for. Resolves when it has answered, and ends by itself in time. */
  probe(): Promise<unknown>;
  /** After so long without any answer the server is probed. In ms, as are the others. */
  doubtMs: number;
  /** A server that has answered neither a probe nor anybody else for so long answers nobody. */
  probeMs: number;
  /** The same for what is asked of it after that, until it has answered something. */
  againMs: number;
}

/**
 * Tells a server that is busy from one that answers nobody, by all it answers to this process. Before it is given up, it
 * is asked for something small: what was asked of it may be slow by itself.
 */
export class Pulse {
  private answeredAt = Number.NEGATIVE_INFINITY;
  /** When the first probe since the last answer was sent. */
  private doubtedAt: number | null = null;
  /** The probe that is under way. */
  private probing: symbol | null = null;
  private given = false;

  constructor(private readonly options: PulseOptions) {}

  /** Whether the server was given up, and has answered nothing since. */
  get silent(): boolean {
    return this.given;
  }

  /** The server has just answered something. */
  answered(): void {
    this.answeredAt = performance.now();
    this.doubtedAt = null;
    this.probing = null;
    this.given = false;
  }

  /** The server is certainly away. */
  gone(): void {
    this.given = true;
  }

  /**
   * How long to wait for something that is asked now, until it is looked at again. Given to `whileTimeIsLeft`, it lasts
   * as long as the server answers others.
   * @param limitMs in which there has to be an answer all the same
   */
  patience(limitMs: number): () => number {
    const asked = performance.now();
    return () => Math.min(asked + limitMs - performance.now(), this.left(asked));
  }

  /** @throws as `whileTimeIsLeft` does, when the server answers nobody or the limit is over */
  wait<T>(limitMs: number, work: Promise<T>): Promise<T> {
    return whileTimeIsLeft(this.patience(limitMs), work);
  }

  private left(asked: number): number {
    const { doubtMs, probeMs, againMs } = this.options;
    const now = performance.now();
    const untilDoubt = Math.max(asked, this.answeredAt) + (this.given ? 0 : doubtMs) - now;
    if (untilDoubt > 0) return untilDoubt;
    this.probe();
    // A process that slept doubts late: it is the time since it asked that counts.
    this.doubtedAt ??= now;
    const left = Math.max(asked, this.doubtedAt) + (this.given ? againMs : probeMs) - now;
    if (left <= 0) this.given = true;
    return left;
  }

  private probe(): void {
    if (this.probing) return;
    // One that was sent before the last answer says nothing of the silence since.
    const own = Symbol('probe');
    this.probing = own;
    this.options.probe().then(
      () => this.answered(),
      () => {
        if (this.probing === own) this.probing = null;
      },
    );
  }
}
