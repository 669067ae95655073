import { useSyncExternalStore } from 'react';
import type { Event } from '../../client/index.js';

/** The job that holds the concurrency key which another one waits for. Only the log tells; by the id of who waits. */
const holders = new Map<string, string>();
const listeners = new Set<() => void>();

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Hears what the log of a job says of its turn. */
export function noteTurn(job: string, { type, data }: Event): void {
  const { behind } = data;
  if (type === 'job.queued' && typeof behind === 'string') holders.set(job, behind);
  else if (type !== 'job.running' || !holders.delete(job)) return;
  for (const listener of listeners) listener();
}

export const useBehind = (job: string): string | null =>
  useSyncExternalStore(subscribe, () => holders.get(job) ?? null);
