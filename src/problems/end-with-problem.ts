import { STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { linger } from './linger.js';
import type { Problem } from './problems.js';

const answered = new WeakSet<Duplex>();

/**
 * Answers on a connection that no route answers on, in the same form as every refusal, and ends it. A client that sends
 * on is answered once.
 */
export function endWithProblem(socket: Duplex, problem: Problem): void {
  if (answered.has(socket)) return;
  answered.add(socket);
  const failure = problem.toFailure();
  const body = JSON.stringify(failure);
  const headers = {
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
    ...(failure.retryAfter === undefined ? {} : { 'retry-after': String(failure.retryAfter) }),
    ...problem.options.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status] ?? ''}\r\n${lines.join('')}\r\n${body}`,
  );
  socket.resume();
  // On the connections of a server, which are sockets, whatever Node's types say.
  if (socket instanceof Socket) linger(socket, { isRead: () => false, ends: true });
}
