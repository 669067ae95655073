import type { Parts } from '../parts.js';
import { AssistantGenerateController } from './ai-assistant/generate.js';
import { AssistantHealthController } from './ai-assistant/health.js';
import { VocabularyBuilderController } from './vocabulary-builder.js';

export const compat: Parts = {
  controllers: [VocabularyBuilderController, AssistantGenerateController, AssistantHealthController],
  providers: [],
};
