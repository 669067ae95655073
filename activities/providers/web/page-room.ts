/** Room for one page, from its first byte until it has been read. */
export interface PageRoom {
  /** Whether the page is held up by others. */
  readonly waits: boolean;
  /**
   * @param bytes by which the page grows
   * @returns null when there is room for them, otherwise what resolves when others have left, in the order of asking
   * @throws the signal's reason
   */
  grow(bytes: number, signal: AbortSignal): Promise<void> | null;
  leave(): void;
}

export interface PageRoomLimits {
  /** For a page up to this size there is always room. */
  smallBytes?: number;
  /** How many larger ones there are at a time; a single thread reads them, one after the other. */
  largeAtOnce?: number;
}

/**
 * Room for the pages that a worker fetches side by side. Strangers say how large pages are. A page that is being
 * read costs several times its size. 150 pages of 5 MB at once took 1.9 GB.
 */
export function createPageRooms({ smallBytes = 500_000, largeAtOnce = 4 }: PageRoomLimits = {}) {
  let places = largeAtOnce;
  const queue: (() => void)[] = [];

  const giveBack = (): void => {
    const next = queue.shift();
    if (next) next();
    else places += 1;
  };

  /** @param enter called at the moment in which the place is had */
  function wait(signal: AbortSignal, enter: () => void): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const called = (): void => {
        signal.removeEventListener('abort', left);
        enter();
        resolve();
      };
      const left = (): void => {
        queue.splice(queue.indexOf(called), 1);
        reject(signal.reason as Error);
      };
      queue.push(called);
      signal.addEventListener('abort', left, { once: true });
    });
  }

  return {
    open(): PageRoom {
      let size = 0;
      let place: 'none' | 'wanted' | 'taken' = 'none';
      const enter = (): void => {
        place = 'taken';
      };
      return {
        get waits() {
          return place === 'wanted';
        },
        grow(bytes, signal) {
          size += bytes;
          if (size <= smallBytes || place === 'taken') return null;
          place = 'wanted';
          if (places === 0) return wait(signal, enter);
          places -= 1;
          enter();
          return null;
        },
        leave() {
          if (place === 'taken') giveBack();
          place = 'none';
        },
      };
    },
  };
}
