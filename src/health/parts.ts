import type { Parts } from '../parts.js';
import { Addresses } from './addresses.js';
import { HealthController } from './health.controller.js';
import { Providers } from './providers.js';
import { Queues } from './queues.js';
import { Readiness } from './readiness.js';
import { ReadinessRounds } from './readiness-rounds.js';
import { SystemController } from './system.controller.js';
import { SystemParts } from './system-parts.js';

export const health: Parts = {
  controllers: [HealthController, SystemController],
  providers: [Readiness, ReadinessRounds, Queues, Providers, Addresses, SystemParts],
};
