import type { Parts } from '../parts.js';
import { CallsController } from './calls.controller.js';
import { SpendController } from './spend.controller.js';
import { UsageController } from './usage.controller.js';

export const usage: Parts = {
  controllers: [CallsController, SpendController, UsageController],
  providers: [],
};
