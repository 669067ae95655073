import type { Parts } from '../parts.js';
import { HealthController } from './health.controller.js';
import { Readiness } from './readiness.js';

export const health: Parts = {
  controllers: [HealthController],
  providers: [Readiness],
};
