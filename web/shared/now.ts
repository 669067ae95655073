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

const wait = () => () => undefined;

/**
 * What a moment makes of something. Drawn again only when that reads otherwise.
 * @param runs false where nobody looks: then it is of the moment in which it was drawn last
 */
export const useAsOfNow = (say: (now: number) => string, runs = true): string =>
  useSyncExternalStore(runs ? subscribe : wait, () => say(now));
