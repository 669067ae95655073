import { HeldTooLong } from './frame/over-budget.js';

/** In ms. An attempt of a step that hears recordings has two hours, of which the work itself is to have most. */
const longestWaitMs = 20 * 60_000;

/** Lets work in as long as there is room for its size, in the order in which it came. What is larger is let in alone. */
export function createRoom(most: number, longestWait = longestWaitMs) {
  let taken = 0;
  const line: { size: number; enter: () => void }[] = [];

  const letIn = (): void => {
    for (let first = line[0]; first && (taken === 0 || taken + first.size <= most); first = line[0]) {
      line.shift();
      taken += first.size;
      first.enter();
    }
  };

  const entered = (size: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = (why: Error) => {
        clearTimeout(late);
        signal.removeEventListener('abort', aborted);
        line.splice(line.indexOf(one), 1);
        reject(why);
        letIn();
      };
      const aborted = () => leave(signal.reason as Error);
      const late = setTimeout(() => leave(new HeldTooLong('other work holds the room')), longestWait);
      const one = {
        size,
        enter() {
          clearTimeout(late);
          signal.removeEventListener('abort', aborted);
          resolve();
        },
      };
      line.push(one);
      signal.addEventListener('abort', aborted, { once: true });
      letIn();
    });

  return {
    /** @throws {HeldTooLong} after its longest wait, and what the signal was aborted with while it waits */
    async within<T>({ size, signal }: { size: number; signal: AbortSignal }, work: () => Promise<T>) {
      signal.throwIfAborted();
      await entered(size, signal);
      try {
        return await work();
      } finally {
        taken -= size;
        letIn();
      }
    },
  };
}
