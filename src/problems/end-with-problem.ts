import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Problem } from './problems.js';

/** Answers on a connection that no route answers on, in the same form as every refusal, and ends it. */
export function endWithProblem(socket: Duplex, problem: Problem): void {
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
}
