import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import { withoutKeys } from './auth/api-key.js';
import { connectionOptions, watchConnections } from './connections.js';
import { letFilesThrough } from './files/file-body.js';
import { endIdleConnections } from './idle-connections.js';
import { takeJsonAlone } from './json-body.js';
import { idLimit, bodyLimit } from './limits.js';
import { nestLogger } from './logging.js';
import { keepOwnBodyLimits } from './own-body-limit.js';
import { ProblemFilter, putOffBy, replyWithProblem } from './problems/problem.filter.js';
import { refuseConnection } from './problems/refuse-connection.js';
import { validationPipe } from './problems/validation.js';
import { limitBodyTime } from './request-time.js';

/** The clients of services ask for it so, and Nest takes a slash from the end of every path. */
const livenessWithSlash = '/probes/liveness/';

/** What serves a module over HTTP as the API is served, not yet listening. */
export async function createHttpApp(
  module: Type | DynamicModule,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    // Longer than the minute after which proxies usually give an idle connection up.
    keepAliveTimeout: 72_000,
    // Of all requests alike; instead, request-time.ts limits bodies.
    requestTimeout: 0,
    http: connectionOptions,
    // Its own answer is not a problem.
    return503OnClosing: false,
    routerOptions: { maxParamLength: idLimit },
    rewriteUrl: ({ url = '/' }) => (url === livenessWithSlash ? url.slice(0, -1) : url),
    // Before there is a route there is no filter, and what does not even speak HTTP has no request.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      replyWithProblem(error, { request, reply }),
    clientErrorHandler: refuseConnection,
  });
  keepOwnBodyLimits(adapter.getInstance());
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: nestLogger(logger),
    abortOnError: false,
    // Nest's own parsers take forms too, which a page of anybody can send without being asked.
    bodyParser: false,
  });
  limitBodyTime(adapter.getInstance());
  takeJsonAlone(adapter.getInstance());
  letFilesThrough(adapter.getInstance());
  watchConnections(adapter.getInstance());
  adapter.getInstance().addHook('onResponse', (request, reply, done) => {
    const { method, url } = request;
    // A query can hold what is no business of a log.
    const [path = ''] = url.split('?');
    const { statusCode: status, elapsedTime } = reply;
    const line = { method, url: withoutKeys(path), status, ms: Math.round(elapsedTime) };
    const putOff = putOffBy(request);
    if (putOff) request.log.warn({ ...line, ...putOff }, 'request');
    else request.log.info(line, 'request');
    done();
  });
  endIdleConnections(adapter.getInstance());
  app.useGlobalPipes(validationPipe);
  app.useGlobalFilters(new ProblemFilter());
  // Served over plain http on loopback; what terminates TLS in front sets the transport headers.
  app.useSecurityHeaders({
    contentSecurityPolicy: {
      directives: {
        fontSrc: ["'self'", 'data:'],
        styleSrc: ["'self'", "'unsafe-inline'"],
        upgradeInsecureRequests: null,
      },
    },
    strictTransportSecurity: false,
  });
  return app;
}
