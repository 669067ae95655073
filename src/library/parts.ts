import type { Parts } from '../parts.js';
import { DocumentsController } from './documents.controller.js';
import { WordsController } from './words.controller.js';

export const library: Parts = {
  controllers: [WordsController, DocumentsController],
  providers: [],
};
