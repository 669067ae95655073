import { useSyncExternalStore } from 'react';

const everyMs = 1_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: number | undefined;

const tick = () => {
  now = Date.now();
  for (const listener of listeners) listener();
};

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= window.setInterval(tick, everyMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    window.clearInterval(timer);
    timer = undefined;
  };
}

/** The day of UTC, as the API names it. Wakes a view when another one begins. */
export const useToday = (): string =>
  useSyncExternalStore(subscribe, () => new Date(now).toISOString().slice(0, 10));

/** Milliseconds since 1970. All clocks of the page tick together, once a second. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);

/** What a moment makes of something. Drawn again only when that reads otherwise, so that a thousand rows can have clocks. */
export const useAsOfNow = (say: (now: number) => string): string =>
  useSyncExternalStore(subscribe, () => say(now));
