import type { Parts } from '../parts.js';
import { ProblemsController } from './problems.controller.js';

export const problems: Parts = {
  controllers: [ProblemsController],
  providers: [],
};
