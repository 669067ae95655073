import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

const sweepEveryMs = 50;

/**
 * Once the API shuts down, a connection goes as soon as no request is under way on it. If it stayed, it would hold the
 * process up for as long as its client likes. Node ends only those that were asked something before. Browsers open some
 * ahead, and a head may stop in its middle.
 */
export function endIdleConnections(fastify: FastifyInstance): void {
  const { server } = fastify;
  const halvesOn = new Map<Socket, number>();
  watchRequests(server, halvesOn);
  fastify.addHook('preClose', (done) => {
    if (server.listening) {
      // Of a connection that was idle a sweep ago, too, no head is on its way.
      let idle = new Set<Socket>();
      const sweep = setInterval(() => {
        const now = [...halvesOn].flatMap(([socket, halves]) => (halves === 0 ? [socket] : []));
        for (const socket of now) if (idle.has(socket)) socket.destroy();
        idle = new Set(now);
      }, sweepEveryMs);
      server.once('close', () => clearInterval(sweep));
    }
    done();
  });
}

/** Halves of requests, sent and answered: a client may send several on a connection before it has the first answer. */
function watchRequests(server: Server, halvesOn: Map<Socket, number>): void {
  const count = (socket: Socket, change: 2 | -1): void => {
    const halves = halvesOn.get(socket);
    if (halves !== undefined) halvesOn.set(socket, halves + change);
  };
  server.on('connection', (socket: Socket) => {
    halvesOn.set(socket, 0);
    socket.once('close', () => halvesOn.delete(socket));
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    // What was refused early may still be sent: ended then, its client would lose the answer.
    count(socket, 2);
    for (const half of [request, response]) half.once('close', () => count(socket, -1));
  });
  // It is no HTTP any more. What speaks over it ends it in its own way.
  server.on('upgrade', ({ socket }: IncomingMessage) => halvesOn.delete(socket));
}
