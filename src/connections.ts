import type { ServerOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { bodyLimit } from './limits.js';
import { endWithProblem } from './problems/end-with-problem.js';
import { Problem } from './problems/problems.js';

/** What Node is told about connections, in milliseconds. Where it would answer by itself, it answers without a body. */
export const connectionOptions: ServerOptions = {
  headersTimeout: 15_000,
  // How often Node looks for what is late.
  connectionsCheckingInterval: 5_000,
  requireHostHeader: false,
};

/** Sees to what happens on connections before and beside requests, so that all of it is answered with problems. */
export function watchConnections(fastify: FastifyInstance): void {
  const { server } = fastify;
  // Beyond the usual 2,000 Node drops headers in silence; their size is limited anyway.
  server.maxHeadersCount = 0;
  server.on('checkContinue', (request, response) => {
    if (!(Number(request.headers['content-length']) > bodyLimit)) {
      response.writeContinue();
      // It is fulfilled. Left in place, it would say that the client still waits.
      delete request.headers.expect;
    }
    server.emit('request', request, response);
  });
  // RFC 9110, section 10.1.1: what else a client may expect can be passed over.
  server.on('checkExpectation', (request, response) => {
    delete request.headers.expect;
    server.emit('request', request, response);
  });
  server.on('connect', (_, socket: Duplex) => {
    socket.on('error', () => socket.destroy());
    endWithProblem(socket, new Problem('malformed-request', 'This is no proxy: it opens no tunnels.'));
  });
  let stopping = false;
  fastify.addHook('preClose', (done) => {
    stopping = true;
    done();
  });
  fastify.addHook('onRequest', ({ headers, raw }, _, done) => {
    if (stopping)
      done(new Problem('stopping', 'This process of the API is about to end.', { retryAfter: 1 }));
    else if (headers.host === undefined && raw.httpVersion !== '1.0')
      done(new Problem('malformed-request', 'The request has no header "Host".'));
    else done();
  });
}
