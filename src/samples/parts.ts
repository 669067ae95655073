import type { Parts } from '../parts.js';
import { SamplesController } from './samples.controller.js';

export const samples: Parts = {
  controllers: [SamplesController],
  providers: [],
};
