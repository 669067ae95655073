import type { Parts } from '../parts.js';
import { CancelController } from './cancel.controller.js';
import { Canceller } from './canceller.js';
import { Escalator } from './escalator.js';

export const cancel: Parts = {
  controllers: [CancelController],
  providers: [Canceller, Escalator],
};
