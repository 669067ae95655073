import { once } from 'node:events';
import { type Socket, connect } from 'node:net';

export interface WireAnswer {
  readonly status: number;
  readonly etag: string | null;
  /** Seconds. */
  readonly retryAfter: number | null;
  readonly body: Buffer;
}

/**
 * One connection that asks one thing after the other. It costs a fraction of what a whole HTTP client does. Client
 * and server share the machine, and the server's work is what is measured.
 */
export interface Wire {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<WireAnswer>;
  close(): void;
}

interface Waiting {
  resolve(answer: WireAnswer): void;
  reject(error: Error): void;
}

export async function openWire(url: string): Promise<Wire> {
  const { hostname, port, host } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  let waiting: Waiting | null = null;
  readAnswers(socket, (answer) => {
    const asked = waiting;
    waiting = null;
    asked?.resolve(answer);
  });
  const broken = () => waiting?.reject(new Error(`${url} hung up.`));
  socket.on('close', broken).on('error', broken);
  return {
    get(path, headers = {}) {
      const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        if (socket.destroyed) broken();
        else socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\n${more.join('')}\r\n`);
      });
    },
    close: () => socket.destroy(),
  };
}

/** Opens many, some at a time: a server's queue of new connections is short. */
export async function openWires(url: string, count: number): Promise<Wire[]> {
  const wires: Wire[] = [];
  while (wires.length < count) {
    const some = Math.min(100, count - wires.length);
    wires.push(...(await Promise.all(Array.from({ length: some }, () => openWire(url)))));
  }
  return wires;
}

const headEnd = '\r\n\r\n';

/** Answers whose length is told; a 304 has none. */
function readAnswers(socket: Socket, onAnswer: (answer: WireAnswer) => void): void {
  let kept: Buffer | null = null;
  socket.on('data', (chunk: Buffer) => {
    const bytes = kept ? Buffer.concat([kept, chunk]) : chunk;
    kept = bytes;
    const end = bytes.indexOf(headEnd);
    if (end === -1) return;
    const head = bytes.toString('latin1', 0, end);
    const status = Number(head.slice(9, 12));
    const header = (name: RegExp): string | null => name.exec(head)?.[1] ?? null;
    const length = status === 304 ? 0 : Number(header(/\ncontent-length: (\d+)/i) ?? 0);
    const from = end + headEnd.length;
    if (bytes.length < from + length) return;
    kept = null;
    const after = header(/\nretry-after: (\d+)/i);
    onAnswer({
      status,
      etag: header(/\netag: (\S+)/i),
      retryAfter: after === null ? null : Number(after),
      body: bytes.subarray(from, from + length),
    });
  });
}
