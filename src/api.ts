import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { ApiModule } from './api.module.js';
import { allowOrigins } from './auth/cors.js';
import { refuseOpenDoors } from './auth/start-check.js';
import { type Config, loadConfig } from './config.js';
import { createHttpApp } from './http-app.js';
import { createLogger } from './logging.js';
import { serveOpenApi } from './api-document.js';
import { announceReady } from './process.js';
import { sayWhatIsWrong } from './what-is-wrong.js';

/** The API, built and not yet listening. */
export async function createApi(config: Config, logger: Logger): Promise<NestFastifyApplication> {
  sayWhatIsWrong();
  const app = await createHttpApp(ApiModule.with(config), logger);
  allowOrigins(app, config);
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
