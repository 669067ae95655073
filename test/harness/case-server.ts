import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isRecord } from '../../job-types/contract/is-record.js';
import { root } from './repository.js';

/** What a case server was asked. */
export interface PlayedRequest {
  method: string;
  /** As it came, with its query. */
  path: string;
  /** Names in small letters. */
  headers: Record<string, string>;
  body: string;
}

/** What happens to the connection once all of a case has been sent. */
export type Afterwards = 'close' | 'reset' | 'stay-open';

export interface CaseOptions {
  /** As a case "name~7" or "name~10s" names it; all at once when absent. */
  pace?: string;
  afterwards?: Afterwards;
}

export interface CaseServer {
  /** Ends in "/": what FETCH_ALLOW takes. A web page is `url` and the name of its case. */
  url: string;
  /** What OPENAI_BASE_URL takes: the model is the name of a case. */
  models: string;
  requests: readonly PlayedRequest[];
  /**
   * Adds a case that is no file. Several answers are for the first, second, ... request; the last one is for all that
   * follow.
   */
  add(name: string, answers: Played | readonly Played[], options?: CaseOptions): void;
  /** The bytes of a file of test/cases. */
  recorded(file: string): Promise<Buffer>;
  close(): Promise<void>;
}

type Played = string | Uint8Array;

interface AddedCase extends CaseOptions {
  answers: readonly Buffer[];
}

const folder = path.join(root, 'test/cases');

/**
 * Plays the recorded answers of test/cases byte for byte, as a provider of models and as a web site. A model or a page
 * "name" answers name.http, a whole raw answer, or name.html; name.1.http, name.2.http, ... are for the first, second, ...
 * request. "name~7" is sent 7 bytes at a time, "name~10s" with 10 seconds after each block of lines. A page that is asked
 * for with a cookie answers name.cookie.http, where that is there.
 */
export async function startCaseServer(): Promise<CaseServer> {
  const requests: PlayedRequest[] = [];
  const asked = new Map<string, number>();
  const added = new Map<string, AddedCase>();
  const sockets = new Set<Socket>();

  async function answer(socket: Socket, request: PlayedRequest): Promise<void> {
    const [name = '', pace] = nameOf(request).split('~');
    const times = (asked.get(name) ?? 0) + 1;
    asked.set(name, times);
    const own = added.get(name);
    const data = own
      ? (own.answers[Math.min(times, own.answers.length) - 1] ?? null)
      : await readCase(name, { times, cookie: 'cookie' in request.headers });
    await send(socket, data ?? notFound, pace ?? own?.pace);
    if (own?.afterwards === 'stay-open') return;
    if (own?.afterwards === 'reset') socket.resetAndDestroy();
    else socket.end();
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // Clients go away in the middle of an answer; what they have not read is of no interest then.
    socket.on('error', () => socket.destroy());
    let heard = Buffer.alloc(0);
    const listen = (piece: Buffer): void => {
      heard = Buffer.concat([heard, piece]);
      const request = readRequest(heard);
      if (!request) return;
      socket.off('data', listen).resume();
      requests.push(request);
      answer(socket, request).catch(() => socket.destroy());
    };
    socket.on('data', listen);
  });
  await listening(server);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    models: `${url}v1`,
    requests,
    add(name, answers, options = {}) {
      const all = typeof answers === 'string' || answers instanceof Uint8Array ? [answers] : answers;
      asked.delete(name);
      const bytes = all.map((one) => (typeof one === 'string' ? Buffer.from(one) : Buffer.from(one)));
      added.set(name, { answers: bytes, ...options });
    },
    recorded: (file) => readFile(path.join(folder, file)),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

const listening = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });

/** Null until all of it has come. */
function readRequest(heard: Buffer): PlayedRequest | null {
  const end = heard.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first = '', ...lines] = heard.toString('latin1', 0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = heard.subarray(end + 4);
  if (body.length < Number(headers['content-length'] ?? 0)) return null;
  const [method = '', target = ''] = first.split(' ');
  return { method, path: target, headers, body: body.toString() };
}

function nameOf({ method, path: target, body }: PlayedRequest): string {
  if (method !== 'POST') return decodeURIComponent(new URL(target, 'http://case').pathname.slice(1));
  const asked: unknown = JSON.parse(body);
  return isRecord(asked) ? String(asked['model']) : '';
}

async function readCase(
  name: string,
  { times, cookie }: { times: number; cookie: boolean },
): Promise<Buffer | null> {
  const raw = [...(cookie ? [`${name}.cookie.http`] : []), `${name}.${times}.http`, `${name}.http`];
  for (const file of raw) {
    const data = await readIfThere(file);
    if (data) return data;
  }
  const page = (await readIfThere(`${name}.html`)) ?? (await readIfThere(name));
  return page && Buffer.concat([Buffer.from(pageHead(page.length)), page]);
}

/** A name that would lead out of the folder is none. */
const readIfThere = async (file: string): Promise<Buffer | null> =>
  path.basename(file) === file ? readFile(path.join(folder, file)).catch(() => null) : null;

const pageHead = (length: number): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n`;

const notFound = Buffer.from('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');

/** @param pace "7": so many bytes at a time; "0.3s": a pause after each block of lines */
async function send(socket: Socket, data: Buffer, pace: string | undefined): Promise<void> {
  const pauseMs = pace === undefined ? 0 : pace.endsWith('s') ? Number(pace.slice(0, -1)) * 1000 : 1;
  const pieces =
    pace === undefined ? [data] : pace.endsWith('s') ? blocksOf(data) : piecesOf(data, Number(pace));
  for (const piece of pieces) {
    if (socket.destroyed) return;
    await new Promise((resolve) => socket.write(piece, resolve));
    if (pauseMs > 0) await pause(pauseMs, undefined, { ref: false });
  }
}

const piecesOf = (data: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(data.length / size) }, (_, index) =>
    data.subarray(index * size, (index + 1) * size),
  );

/** Each up to an empty line, with it. */
function blocksOf(data: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  for (let start = 0; start < data.length;) {
    const end = data.indexOf('\n\n', start);
    const next = end < 0 ? data.length : end + 2;
    blocks.push(data.subarray(start, next));
    start = next;
  }
  return blocks;
}
