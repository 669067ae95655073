import { HeldTooLong } from '../frame/over-budget.js';

/** Bytes of audio that a worker holds in memory at once. One that is larger is let in alone. */
const mostBytes = 64 * 1024 * 1024;

/** In ms. An attempt has two hours, of which the transcriber is to have most. */
const longestWaitMs = 20 * 60_000;

/** Lets work in as long as there is room for its bytes, in the order in which it came. */
export function createRoom(most = mostBytes, longestWait = longestWaitMs) {
  let taken = 0;
  const line: { bytes: number; enter: () => void }[] = [];

  const letIn = (): void => {
    for (let first = line[0]; first && (taken === 0 || taken + first.bytes <= most); first = line[0]) {
      line.shift();
      taken += first.bytes;
      first.enter();
    }
  };

  const entered = (bytes: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = (why: Error) => {
        clearTimeout(late);
        signal.removeEventListener('abort', aborted);
        line.splice(line.indexOf(one), 1);
        reject(why);
        letIn();
      };
      const aborted = () => leave(signal.reason as Error);
      const late = setTimeout(() => leave(new HeldTooLong('other recordings hold the room')), longestWait);
      const one = {
        bytes,
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
    async within<T>({ bytes, signal }: { bytes: number; signal: AbortSignal }, work: () => Promise<T>) {
      signal.throwIfAborted();
      await entered(bytes, signal);
      try {
        return await work();
      } finally {
        taken -= bytes;
        letIn();
      }
    },
  };
}
