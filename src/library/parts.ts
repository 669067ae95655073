import type { Parts } from '../parts.js';
import { WordsController } from './words.controller.js';

export const library: Parts = {
  controllers: [WordsController],
  providers: [],
};
