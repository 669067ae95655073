/** People read slower. */
const leastMs = 100;
/** Of a process: 400 times a second at most, however many models speak at once. */
const eachMs = 2.5;
/** People see words stop. */
const mostMs = 1_000;

/** Milliseconds between two pieces of a text, where so many are written at once in this process: each piece costs. */
export const pieceMs = (texts: number): number => Math.min(mostMs, Math.max(leastMs, texts * eachMs));

/** How often what models say is written, by job: the first of it at once, then less often the more of them speak. */
export class TextPace {
  /** By `performance.now()`, the latest last. */
  readonly #writtenAt = new Map<string, number>();

  /** To be told whenever some of a job's text is being written. */
  wrote(jobId: string): void {
    this.#writtenAt.delete(jobId);
    this.#writtenAt.set(jobId, performance.now());
  }

  /** Milliseconds that more of it waits; negative where it is late. */
  waitOf(jobId: string): number {
    const now = performance.now();
    for (const [speaker, at] of this.#writtenAt) {
      if (now - at < mostMs) break;
      this.#writtenAt.delete(speaker);
    }
    const at = this.#writtenAt.get(jobId);
    return at === undefined ? 0 : at + pieceMs(this.#writtenAt.size) - now;
  }
}
