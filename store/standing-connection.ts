import { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

export interface StandingConnectionOptions {
  /** Shown in pg_stat_activity. */
  name: string;
  /** Told when the connection is lost, and once for each try to get it back that fails. */
  onError(error: unknown): void;
  /** Done on each new connection before it counts as standing. */
  prepare(client: pg.Client): Promise<void>;
  onStanding(): void;
  /** Told of the end of each connection, of one that never stood too. */
  onDown(): void;
  /** In ms, between two tries. */
  longestPauseMs: number;
}

export interface StandingConnection {
  /** Connects; from then on the connection comes back by itself. */
  open(): void;
  close(): Promise<void>;
}

const firstPauseMs = 100;
/** A server that went away without a word, as when its machine is frozen, is noticed after both together. */
const pingEveryMs = 4_000;
const answerWithinMs = 3_000;
const goodbyeMs = 200;

/** A connection of its own, for what PostgreSQL ties to a session. */
export function createStandingConnection(
  url: string,
  { name, onError, prepare, onStanding, onDown, longestPauseMs }: StandingConnectionOptions,
): StandingConnection {
  const closing = new AbortController();
  let running: Promise<void> | null = null;

  /** One connection, from its beginning until it breaks. */
  const hold = async (whenStanding: () => void): Promise<void> => {
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
    const abandon = () => void part(client, socket);
    closing.signal.addEventListener('abort', abandon, { once: true });
    let ping: NodeJS.Timeout | undefined;
    try {
      // A connect that is given up never settles by itself.
      await Promise.race([client.connect(), broken.promise]);
      await prepare(client);
      whenStanding();
      onStanding();
      ping = setInterval(() => void client.query('select 1').catch(broken.reject), pingEveryMs);
      await broken.promise;
    } finally {
      onDown();
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
    open() {
      running ??= run();
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
