/** Bytes of audio that a worker holds in memory at once. One that is larger is let in alone. */
const mostBytes = 64 * 1024 * 1024;

/** Lets work in as long as there is room for its bytes, in the order in which it came. */
export function createRoom(most = mostBytes) {
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
      const leave = () => {
        line.splice(line.indexOf(one), 1);
        reject(signal.reason as Error);
        letIn();
      };
      const one = {
        bytes,
        enter() {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      line.push(one);
      signal.addEventListener('abort', leave, { once: true });
      letIn();
    });

  return {
    /** @throws what the signal was aborted with, while it waits */
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
