import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { isRecord } from '../job-types/contract/is-record.js';

/** In ms, from the headers on: so long the body of a request may take. */
const longestMs = 30_000;

/**
 * Gives every body the same time. Node's own limit knows nothing of routes, and a route whose `RouteConfig` says
 * `takesFile` keeps the time by itself.
 */
export function limitBodyTime(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', ({ headers, raw, routeOptions: { config } }, reply, done) => {
    if (hasBody(headers) && !(isRecord(config) && config['takesFile'] === true)) {
      const { socket } = raw;
      const timer = setTimeout(() => {
        // As Node does it.
        const late = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
        if (!raw.complete) fastify.server.emit('clientError', late, socket);
      }, longestMs);
      const clear = () => clearTimeout(timer);
      raw.once('end', clear).once('close', clear);
      // What is refused unread ends with its answer.
      reply.raw.once('finish', clear).once('close', clear);
    }
    done();
  });
}

/** Whether a request has a body, or says it has. */
export const hasBody = (headers: IncomingHttpHeaders): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
