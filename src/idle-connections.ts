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
  const requestsOn = new Map<Socket, number>();
  watchRequests(server, requestsOn);
  fastify.addHook('preClose', (done) => {
    if (server.listening) {
      const sweep = setInterval(() => {
        for (const [socket, requests] of requestsOn) if (requests === 0) socket.destroy();
      }, sweepEveryMs);
      server.once('close', () => clearInterval(sweep));
    }
    done();
  });
}

/** A client may send several requests on a connection before it has the first answer. */
function watchRequests(server: Server, requestsOn: Map<Socket, number>): void {
  const count = (socket: Socket, change: 1 | -1): void => {
    const requests = requestsOn.get(socket);
    if (requests !== undefined) requestsOn.set(socket, requests + change);
  };
  server.on('connection', (socket: Socket) => {
    requestsOn.set(socket, 0);
    socket.once('close', () => requestsOn.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    count(socket, 1);
    response.once('close', () => count(socket, -1));
  });
  // It is no HTTP any more. What speaks over it ends it in its own way.
  server.on('upgrade', ({ socket }: IncomingMessage) => requestsOn.delete(socket));
}
