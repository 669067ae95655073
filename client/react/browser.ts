/** What of a browser is used. None of it is there where a page is made on a server. */
interface Browser {
  document?: { readonly hidden: boolean };
  requestAnimationFrame?(work: () => void): number;
  cancelAnimationFrame?(frame: number): void;
  addEventListener?(type: 'online', listener: () => void): void;
  removeEventListener?(type: 'online', listener: () => void): void;
}

const browser: Browser = globalThis as typeof globalThis & Browser;

/** In ms. A tab that nobody sees has no frames, and misses nothing all the same. */
const hiddenMs = 200;

/** Whether nobody sees this tab. */
export const isHidden = (): boolean => browser.document?.hidden ?? false;

/** Does it before the next picture of the page is drawn. @returns what calls it off */
export function beforeNextFrame(work: () => void): () => void {
  if (isHidden() || !browser.requestAnimationFrame) {
    const timer = setTimeout(work, hiddenMs);
    return () => clearTimeout(timer);
  }
  const frame = browser.requestAnimationFrame(work);
  return () => browser.cancelAnimationFrame?.(frame);
}

/** Ends early where the browser says that the network is back, and where it is called off. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      browser.removeEventListener?.('online', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    browser.addEventListener?.('online', done);
    signal.addEventListener('abort', done);
  });
}
