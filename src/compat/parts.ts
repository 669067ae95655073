import type { Parts } from '../parts.js';
import { AiAssistantChatController } from './ai-assistant/chat.controller.js';
import { AiAssistantStreamsController } from './ai-assistant/chat-streams.controller.js';
import { VocabularyBuilderController } from './vocabulary-builder.js';

export const compat: Parts = {
  controllers: [VocabularyBuilderController, AiAssistantChatController, AiAssistantStreamsController],
  providers: [],
};
