import type { Socket } from 'node:net';
import { endWithProblem } from './end-with-problem.js';
import { Problem } from './problems.js';

interface ClientError extends Error {
  code?: string;
}

/** Answers what is not a request. */
export function refuseConnection(error: ClientError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new Problem('headers-too-large', 'The headers are too large.')
      : new Problem('malformed-request', 'This is not an HTTP request.');
  endWithProblem(socket, problem);
}
