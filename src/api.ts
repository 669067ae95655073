import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { ApiModule } from './api.module.js';
import type { Config } from './config.js';
import { nestLogger } from './logging.js';
import { serveOpenApi } from './openapi/openapi.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { validationPipe } from './problems/validation.js';

/** Bytes; a job's large inputs are fetched or uploaded, not submitted. */
export const bodyLimit = 1024 * 1024;

/** The API, built and not yet listening. */
export async function createApi(config: Config, logger: Logger): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
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
