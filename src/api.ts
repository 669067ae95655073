import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogController } from 'fastify';
import type { Logger } from 'pino';
import { withoutKeys } from './auth/api-key.js';
import { allowOrigins } from './auth/cors.js';
import { refuseOpenDoors } from './auth/start-check.js';
import { ApiModule } from './api.module.js';
import { type Config, loadConfig } from './config.js';
import { createLogger, nestLogger } from './logging.js';
import { serveOpenApi } from './openapi/openapi.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { validationPipe } from './problems/validation.js';
import { announceReady } from './process.js';

/** Bytes; a job's large inputs are fetched or uploaded, not submitted. */
export const bodyLimit = 1024 * 1024;

/** The API, built and not yet listening. */
export async function createApi(config: Config, logger: Logger): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    // A socket kept alive by its client must not hold a shutdown up.
    keepAliveTimeout: 1_000,
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 250 },
  });
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.with(config), adapter, {
    logger: nestLogger(logger),
    abortOnError: false,
  });
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
  allowOrigins(app, config);
  app.useGlobalPipes(validationPipe);
  app.useGlobalFilters(new ProblemFilter());
  // Served over plain http on loopback; what terminates TLS in front sets the transport headers.
  app.useSecurityHeaders({
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
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
