import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { atBoot } from '../boot-retry.js';
import { type Config, ConfigError } from '../config.js';
import { Store } from '../database/store.js';
import { isLoopback } from './local-access.js';

/**
 * Other machines must not find an API that takes jobs from everybody.
 * @throws {ConfigError} when HOST is reachable from elsewhere, there is no key, and the operator has not allowed it
 */
export async function refuseOpenDoors(
  app: NestFastifyApplication,
  { config, logger }: { config: Config; logger: Logger },
): Promise<void> {
  if (isLoopback(config.HOST) || config.ALLOW_KEYLESS) return;
  const work = () => app.get(Store).apiKeys.exist();
  if (await atBoot('The database', { work, logger })) return;
  throw new ConfigError(
    `HOST=${config.HOST} can be reached from other machines, and there is no API key, so everybody there could use ` +
      'Longhaul. Make a key first (npm run keys -- create <owner>; a local stack is started for that without HOST), ' +
      'or set ALLOW_KEYLESS=true if something else keeps strangers out.',
  );
}
