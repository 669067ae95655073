import { type Listening, openOwnerSocket, type OwnerSocket } from './owner-socket.js';

interface Listener {
  listening: Listening;
  wanted: readonly string[];
}

const listeners = new Set<Listener>();
let socket: OwnerSocket | null = null;
let live = false;

const watchAll = () => socket?.watch([...new Set([...listeners].flatMap(({ wanted }) => wanted))]);

/** As `openOwnerSocket` does, by the one connection that all of the page has together. */
export function shareOwnerSocket(listening: Listening): OwnerSocket {
  const listener: Listener = { listening, wanted: [] };
  listeners.add(listener);
  socket ??= openOwnerSocket({
    onEntry: (entry) => {
      for (const one of listeners) one.listening.onEntry(entry);
    },
    onEvent: (job, event) => {
      for (const one of listeners) if (one.wanted.includes(job)) one.listening.onEvent(job, event);
    },
    onState: (state) => {
      live = state;
      for (const one of listeners) one.listening.onState(state);
    },
  });
  if (live) listening.onState(true);
  return {
    watch(jobs) {
      listener.wanted = jobs;
      watchAll();
    },
    close() {
      listeners.delete(listener);
      if (listeners.size > 0) {
        watchAll();
        return;
      }
      socket?.close();
      socket = null;
      live = false;
    },
  };
}
