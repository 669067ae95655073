import type { Parts } from '../parts.js';
import { VocabularyBuilderController } from './vocabulary-builder.js';

export const compat: Parts = {
  controllers: [VocabularyBuilderController],
  providers: [],
};
