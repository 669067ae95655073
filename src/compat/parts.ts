import type { Parts } from '../parts.js';
import { VocabularyLibraryController } from './vocabulary-builder/library.controller.js';
import { VocabularyTasksController } from './vocabulary-builder/tasks.controller.js';

export const compat: Parts = {
  controllers: [VocabularyTasksController, VocabularyLibraryController],
  providers: [],
};
