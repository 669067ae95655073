import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import { withoutKeys } from './auth/api-key.js';
import { allowOrigins } from './auth/cors.js';
import { refuseOpenDoors } from './auth/start-check.js';
import { ApiModule } from './api.module.js';
import { type Config, loadConfig } from './config.js';
import { idLimit, bodyLimit } from './limits.js';
import { createLogger, nestLogger } from './logging.js';
import { serveOpenApi } from './openapi/openapi.js';
import { ProblemFilter, replyWithProblem } from './problems/problem.filter.js';
import { refuseConnection } from './problems/refuse-connection.js';
import { validationPipe } from './problems/validation.js';
import { announceReady } from './process.js';

/** The API, built and not yet listening. */
export async function createApi(config: Config, logger: Logger): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    // Longer than the minute after which proxies usually give an idle connection up.
    keepAliveTimeout: 72_000,
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: idLimit },
    // Before there is a route there is no filter, and what does not even speak HTTP has no request.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      replyWithProblem(error, { request, reply }),
    clientErrorHandler: refuseConnection,
  });
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.with(config), adapter, {
    logger: nestLogger(logger),
    abortOnError: false,
    // Nest's own parsers take forms too, which a page of anybody can send without being asked.
    bodyParser: false,
  });
  adapter.getInstance().removeContentTypeParser('text/plain');
  adapter.getInstance().addHook('onResponse', (request, reply, done) => {
    const { method, url } = request;
    // A query can hold what is no business of a log.
    const [path = ''] = url.split('?');
    request.log.info(
      { method, url: withoutKeys(path), status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request',
    );
    done();
  });
  closeIdleConnections(adapter);
  allowOrigins(app, config);
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
  serveOpenApi(app);
  app.enableShutdownHooks();
  return app;
}

/** Resolves when the API listens; it then runs until SIGTERM. */
export async function startApi(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger(config, 'api');
  const app = await createApi(config, logger);
  await refuseOpenDoors(app, { config, logger });
  await app.listen(config.PORT, config.HOST);
  announceReady();
}

/** Once the API shuts down, a connection goes as soon as its last answer has; kept alive it would hold the process up. */
function closeIdleConnections(adapter: FastifyAdapter): void {
  const fastify = adapter.getInstance();
  fastify.addHook('preClose', (done) => {
    if (fastify.server.listening) {
      const sweep = setInterval(() => fastify.server.closeIdleConnections(), 50);
      fastify.server.once('close', () => clearInterval(sweep));
    }
    done();
  });
}
