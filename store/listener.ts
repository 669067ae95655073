import { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

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

const firstPauseMs = 100;
const longestPauseMs = 5_000;
/** A server that went away without a word, as when its machine is frozen, is noticed after both together. */
const pingEveryMs = 4_000;
const answerWithinMs = 3_000;
const goodbyeMs = 200;

/** Connects at the first subscription. */
export function createListener(url: string, { name, onError }: ListenerOptions): Listener {
  const channels = new Map<string, Set<(payload: string) => void>>();
  const onConnected = new Set<() => void>();
  const closing = new AbortController();
  let standing: pg.Client | null = null;
  let running: Promise<void> | null = null;

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

  /** One connection, from its beginning until it breaks. */
  const hold = async (onStanding: () => void): Promise<void> => {
    const socket = new Socket();
    const client = new pg.Client({
      connectionString: url,
      application_name: name,
      stream: () => socket,
      keepAlive: true,
      connectionTimeoutMillis: answerWithinMs,
      query_timeout: answerWithinMs,
    });
    const broken = Promise.withResolvers<never>();
    broken.promise.catch(() => undefined);
    client.on('error', broken.reject);
    client.on('end', () => broken.reject(new Error('the connection ended')));
    client.on('notification', ({ channel, payload = '' }) => {
      for (const handler of channels.get(channel) ?? []) guarded(() => handler(payload));
    });
    const abandon = () => void part(client, socket);
    closing.signal.addEventListener('abort', abandon, { once: true });
    let ping: NodeJS.Timeout | undefined;
    try {
      // A connect that is given up never settles by itself.
      await Promise.race([client.connect(), broken.promise]);
      // A channel that is added meanwhile comes up in this loop too.
      for (const channel of channels.keys()) await listen(client, channel);
      standing = client;
      onStanding();
      for (const handler of onConnected) guarded(handler);
      ping = setInterval(() => void client.query('select 1').catch(broken.reject), pingEveryMs);
      await broken.promise;
    } finally {
      standing = null;
      clearInterval(ping);
      closing.signal.removeEventListener('abort', abandon);
      await part(client, socket);
    }
  };

  const run = async (): Promise<void> => {
    let pauseMs = firstPauseMs;
    while (!closing.signal.aborted) {
      try {
        await hold(() => {
          pauseMs = firstPauseMs;
        });
      } catch (error) {
        if (!closing.signal.aborted) onError(error);
      }
      // Not all processes at once, when the server comes back.
      const waitMs = pauseMs * (0.5 + Math.random() / 2);
      await pause(waitMs, undefined, { signal: closing.signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  };

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
      running ??= run();
      return () => void handlers.delete(handler);
    },
    onConnected(handler) {
      onConnected.add(handler);
      return () => void onConnected.delete(handler);
    },
    async close() {
      closing.abort();
      await running;
    },
  };
}

/** Says goodbye, but does not wait for a server that does not answer. */
async function part(client: pg.Client, socket: Socket): Promise<void> {
  const late = setTimeout(() => socket.destroy(), goodbyeMs);
  try {
    if (!socket.destroyed) await client.end();
  } finally {
    clearTimeout(late);
    socket.destroy();
  }
}
