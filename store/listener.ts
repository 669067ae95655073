import pg from 'pg';
import { createStandingConnection } from './standing-connection.js';

export interface ListenerOptions {
  /** Shown in pg_stat_activity. */
  name: string;
  /** Told when the connection is lost, once for each try to get it back that fails, and when a handler throws. */
  onError(error: unknown): void;
}

/** Hears what is announced with NOTIFY, on a connection of its own that comes back by itself. */
export interface Listener {
  /** Whether what is announced now is heard. While not, and after it, look for yourself. */
  healthy(): boolean;
  /** @returns what ends the subscription */
  subscribe(channel: string, handler: (payload: string) => void): () => void;
  /** Called whenever the connection stands again (the first time too): what was announced before may not have been heard. */
  onConnected(handler: () => void): () => void;
  close(): Promise<void>;
}

const longestPauseMs = 5_000;

/** Connects at the first subscription. */
export function createListener(url: string, { name, onError }: ListenerOptions): Listener {
  const channels = new Map<string, Set<(payload: string) => void>>();
  const onConnected = new Set<() => void>();
  let standing: pg.Client | null = null;

  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      onError(error);
    }
  };

  const listen = async (client: pg.Client, channel: string): Promise<void> => {
    await client.query(`listen ${pg.escapeIdentifier(channel)}`);
  };

  const connection = createStandingConnection(url, {
    name,
    onError,
    longestPauseMs,
    async prepare(client) {
      client.on('notification', ({ channel, payload = '' }) => {
        for (const handler of channels.get(channel) ?? []) guarded(() => handler(payload));
      });
      // A channel that is added meanwhile comes up in this loop too.
      for (const channel of channels.keys()) await listen(client, channel);
      standing = client;
    },
    onStanding() {
      for (const handler of onConnected) guarded(handler);
    },
    onDown() {
      standing = null;
    },
  });

  return {
    healthy: () => standing !== null,
    subscribe(channel, handler) {
      const handlers = channels.get(channel) ?? new Set();
      handlers.add(handler);
      if (!channels.has(channel)) {
        channels.set(channel, handlers);
        // When this fails the connection is breaking, and the next one listens again.
        if (standing) listen(standing, channel).catch(onError);
      }
      connection.open();
      return () => void handlers.delete(handler);
    },
    onConnected(handler) {
      onConnected.add(handler);
      return () => void onConnected.delete(handler);
    },
    close: () => connection.close(),
  };
}
