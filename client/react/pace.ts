/** In ms. What tells much is read so often at most. */
const leastMs = 500;
/** An event may be told before Temporal knows of it, and answers are shared for a second. */
const settledMs = 1_500;

/** Reads something again when it has changed, and not too often. */
export interface Pace {
  /** At once after a pause, and once for all that happens within half a second. */
  again(): void;
  stop(): void;
}

/** When nothing more has happened for a while, it is read for a last time. */
export function createPace(read: () => void): Pace {
  let nextAt = 0;
  let due: ReturnType<typeof setTimeout> | undefined;
  let settling: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    clearTimeout(due);
    clearTimeout(settling);
    due = undefined;
    nextAt = 0;
  };
  return {
    again() {
      clearTimeout(settling);
      settling = setTimeout(() => {
        stop();
        read();
      }, settledMs);
      if (due !== undefined) return;
      const wait = Math.max(0, nextAt - performance.now());
      due = setTimeout(() => {
        due = undefined;
        nextAt = performance.now() + leastMs;
        read();
      }, wait);
    },
    stop,
  };
}
