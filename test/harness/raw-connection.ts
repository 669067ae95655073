import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type Socket, connect } from 'node:net';
import { join } from 'node:path';
import { root } from './repository.js';
import { until } from './until.js';
import { whileBusy } from './while-busy.js';

/** As `problemIn` takes it. */
export interface RawReply {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** A client that knows nothing of HTTP: it writes what it is given, and reads when it is told to. */
export interface RawConnection {
  socket: Socket;
  /** Resolves when the operating system has taken it. @throws when the connection is broken */
  write(bytes: string | Uint8Array): Promise<void>;
  /** Waits for so many answers, informational ones included. */
  replies(count?: number, limitMs?: number): Promise<RawReply[]>;
  /** Waits until the server has let go. */
  closed(limitMs: number): Promise<void>;
}

export async function rawConnection(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  let received = Buffer.alloc(0);
  let error: Error | null = null;
  socket.on('error', (cause: Error) => (error = cause));
  await once(socket, 'connect');
  const listen = () => {
    if (socket.listenerCount('data') > 0) return;
    socket.on('data', (chunk: Buffer) => (received = Buffer.concat([received, chunk])));
  };
  return {
    socket,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (failed) => (failed ? reject(failed) : resolve()));
      }),
    async replies(count = 1, limitMs = 60_000) {
      listen();
      return until(
        () => {
          const found = repliesIn(received);
          if (found.length >= count) return found;
          if (error) throw error;
          return false;
        },
        { what: `answer ${count} has come`, limitMs, everyMs: 5 },
      );
    },
    async closed(limitMs) {
      listen();
      await until(() => socket.readableEnded || socket.destroyed, {
        what: 'the connection is let go',
        limitMs,
      });
    },
  };
}

/** Sends everything before it reads anything, then lets go; anew while a busy server puts some of it off. */
export function sendRaw(
  url: string,
  pieces: readonly (string | Uint8Array)[],
  count = 1,
): Promise<RawReply[]> {
  return whileBusy(
    () => sendOnce(url, pieces, count),
    (replies) => (replies.some(({ statusCode }) => statusCode === 503) ? 503 : 200),
  );
}

async function sendOnce(
  url: string,
  pieces: readonly (string | Uint8Array)[],
  count: number,
): Promise<RawReply[]> {
  const connection = await rawConnection(url);
  try {
    for (const piece of pieces) await connection.write(piece);
    return await connection.replies(count);
  } finally {
    connection.socket.destroy();
  }
}

/** A case of test/cases/ that is a request, with the places filled in. */
export const requestCase = (name: string, places: Readonly<Record<string, string>> = {}): string =>
  Object.entries(places).reduce(
    (text, [place, value]) => text.replaceAll(`<${place}>`, value),
    readFileSync(join(root, 'test/cases', name), 'latin1'),
  );

/** The whole answers in what has come. What has no length has no body, or ends with the connection. */
function repliesIn(bytes: Buffer): RawReply[] {
  const found: RawReply[] = [];
  for (let rest = bytes; ;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return found;
    const [first = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => line.toLowerCase().split(/:\s*(.*)/s, 2) as [string, string]),
    );
    const length = Number(headers['content-length'] ?? 0);
    const body = rest.subarray(end + 4, end + 4 + length);
    if (body.length < length) return found;
    found.push({ statusCode: Number(first.split(' ')[1]), headers, body: body.toString() });
    rest = rest.subarray(end + 4 + length);
  }
}
