import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { Client } from '../client/index.js';
import { client as ours } from '../client.gen.js';
import type { Event } from '../types.gen.js';
import type { ReadLog } from './event-log.js';
import { JobWatch, type Watched } from './job-watch.js';

export interface UseJobOptions {
  /**
   * Says where the API is, and who asks: `createClient({ baseUrl, auth })`, made once and not in a component. `auth` is
   * a key or a token, or gives one before every request. Without it a browser sends the cookie of its session.
   * Usually the client of `client.gen.ts`.
   */
  client?: Client;
  /** How its events come. Without it by an event stream of `client`, which takes a key or a token. */
  readLog?: ReadLog;
  /** Gets the events of the job, those of the past first; a repeat has a `seq` that was there before. */
  onEvents?: (events: readonly Event[]) => void;
}

export interface UsedJob extends Watched {
  cancel(reason?: string): Promise<void>;
  /** Looks again at once, after a refusal too. */
  again(): void;
}

const watches = new WeakMap<Client, Map<string, JobWatch>>();

/** The same for all who look at the job; who looks first says how. It costs nothing while nobody does. */
function watchOf(client: Client, id: string, readLog?: ReadLog): JobWatch {
  const known = watches.get(client) ?? new Map<string, JobWatch>();
  watches.set(client, known);
  const watch = known.get(id) ?? new JobWatch(client, id, readLog);
  known.set(id, watch);
  return watch;
}

/** Follows a job, to its end and through every lost connection, however many components do. */
export function useJob(id: string, { client = ours, readLog, onEvents }: UseJobOptions = {}): UsedJob {
  const watch = useMemo(() => watchOf(client, id, readLog), [client, id, readLog]);
  const watched = useSyncExternalStore(watch.subscribe, watch.get, watch.get);
  const hearing = useRef(onEvents);
  useEffect(() => {
    hearing.current = onEvents;
  });
  useEffect(() => watch.hear((events) => hearing.current?.(events)), [watch]);
  return { ...watched, cancel: watch.cancel, again: watch.again };
}
