/** Lets work in as long as there is room for its size, in the order in which it came. What is larger is let in alone. */
export function createRoom(most: number) {
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
      const leave = () => {
        line.splice(line.indexOf(one), 1);
        reject(signal.reason as Error);
        letIn();
      };
      const one = {
        size,
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
