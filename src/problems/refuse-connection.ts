import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from './problems.js';

interface ClientError extends Error {
  code?: string;
}

/** Answers what is not a request in the same form as every refusal, and ends the connection. */
export function refuseConnection(error: ClientError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const said = tooLarge ? 'The headers are too large.' : 'This is not an HTTP request.';
  const problem = new Problem(tooLarge ? 'headers-too-large' : 'malformed-request', said).toFailure();
  const body = JSON.stringify(problem);
  const status = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`;
  const headers = `content-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  socket.end(`${status}\r\n${headers}\r\n\r\n${body}`);
}
