import { whileTimeIsLeft } from '../within.js';
import type { LaneWidth } from './lane-width.js';
import { isTemporalUnavailable } from './temporal-client.js';

/** Nobody would be there any more for the answer to a call that has less time. */
const worthwhileMs = 50;

/** How long a call and the wait for its turn may take together. */
export interface LanePatience {
  /** In which there has to be an answer. */
  limitMs: number;
  /** How long to wait for a turn until it is asked again, as `whileTimeIsLeft` does. */
  leftMs: () => number;
  /** How long to wait for a turn in a line that stands still: left out, for all of the limit. */
  stillMs?: number;
}

/**
 * So many calls at a time, the others wait in line. A server that is asked for everything at once answers nothing in
 * time; asked in turn, it answers the first of them in time. How many they are, its own latency tells.
 */
export class CallLane {
  private readonly line = new Set<() => void>();
  private under = 0;
  /** When a call was answered last, by the clock of `performance`. */
  private movedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly width: LaneWidth) {}

  /** Whether a call would have to wait. */
  get full(): boolean {
    return this.under >= this.width.calls;
  }

  /** @param call is handed what is left of its limit, 0 when its turn comes too late */
  async through<T>(call: (leftMs: number) => Promise<T>, patience: LanePatience): Promise<T> {
    const end = performance.now() + patience.limitMs;
    if (this.full) {
      if (!(await this.turn(this.whileItMoves(patience)))) return call(0);
    } else this.under += 1;
    const began = performance.now();
    const busy = this.full;
    try {
      const result = await call(end - began < worthwhileMs ? 0 : end - began);
      this.movedAt = performance.now();
      this.width.answered(this.movedAt - began, busy);
      return result;
    } catch (error) {
      if (isTemporalUnavailable(error)) this.width.refused();
      else this.movedAt = performance.now();
      throw error;
    } finally {
      this.leave();
    }
  }

  private whileItMoves({ leftMs, stillMs = Number.POSITIVE_INFINITY }: LanePatience): () => number {
    const asked = performance.now();
    return () => Math.min(leftMs(), Math.max(asked, this.movedAt) + stillMs - performance.now());
  }

  /** @returns whether it came, with a place that is taken, before the patience was over */
  private async turn(leftMs: () => number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.line.add(resolve);
    try {
      await whileTimeIsLeft(leftMs, promise);
      // Places also come free when all who have one give up.
      if (leftMs() > 0) return true;
      this.leave();
      return false;
    } catch {
      // The turn may have come in the same moment.
      if (!this.line.delete(resolve)) this.leave();
      return false;
    }
  }

  /** Gives places to the next in line, so that nobody comes in between. */
  private leave(): void {
    this.under -= 1;
    for (const enter of this.line) {
      if (this.full) return;
      this.line.delete(enter);
      this.under += 1;
      enter();
    }
  }
}
