import { getEventListeners } from 'node:events';

/** Counts what listens to signals that may live as long as the process: each listener holds what it was made with. */
export interface AbortListeners {
  /** The most that any one signal has now. */
  most(): number;
  /** Watches no more. */
  stop(): void;
}

/** Sees every signal that is listened to from now on, also by libraries. */
export function watchAbortListeners(): AbortListeners {
  const signals = new Set<WeakRef<AbortSignal>>();
  const known = new WeakSet<AbortSignal>();
  const { addEventListener } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (
    this: EventTarget,
    ...args: Parameters<typeof addEventListener>
  ) {
    if (this instanceof AbortSignal && !known.has(this)) {
      known.add(this);
      signals.add(new WeakRef(this));
    }
    return addEventListener.apply(this, args);
  };
  return {
    most: () =>
      Math.max(
        0,
        ...[...signals].map((seen) => {
          const signal = seen.deref();
          return signal ? getEventListeners(signal, 'abort').length : 0;
        }),
      ),
    stop() {
      EventTarget.prototype.addEventListener = addEventListener;
    },
  };
}
