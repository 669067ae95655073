import type { Parts } from '../parts.js';
import { DocumentsController } from './documents.controller.js';
import { ResearchController } from './research.controller.js';
import { StoriesController } from './stories.controller.js';
import { WordsController } from './words.controller.js';

export const library: Parts = {
  controllers: [WordsController, DocumentsController, ResearchController, StoriesController],
  providers: [],
};
