import type { Socket } from 'node:net';
import { endWithProblem } from './end-with-problem.js';
import { Problem } from './problems.js';

interface ClientError extends Error {
  code?: string;
}

const problems: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: new Problem('headers-too-large', 'The headers are too large.'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: new Problem('payload-too-large', 'The chunks say too much beside the body.'),
  ERR_HTTP_REQUEST_TIMEOUT: new Problem('request-timed-out', 'The request did not come in time.'),
};

/** A connection of Node's HTTP server, which keeps the answer that is under way there. */
interface HttpSocket extends Socket {
  _httpMessage?: { headersSent: boolean } | null;
}

/** Answers what is not a request, or not a whole one. */
export function refuseConnection(error: ClientError, socket: HttpSocket): void {
  // What was answered is still being read; it may go on arriving for a while.
  if (socket.writableEnded && !socket.destroyed) return;
  // In the middle of another answer, such as a stream, a problem would be read as part of it.
  const amidst = socket._httpMessage?.headersSent ?? false;
  if (error.code === 'ECONNRESET' || !socket.writable || amidst) {
    socket.destroy();
    return;
  }
  endWithProblem(
    socket,
    problems[error.code ?? ''] ?? new Problem('malformed-request', 'This is not an HTTP request.'),
  );
}
