import type { Parts } from '../parts.js';
import { AiAssistantChatController } from './ai-assistant/chat.controller.js';
import { AiAssistantStreamsController } from './ai-assistant/chat-streams.controller.js';
import { AssistantGenerateController } from './ai-assistant/generate.js';
import { AssistantHealthController } from './ai-assistant/health.js';
import { MythlineResearchController } from './mythline/research.controller.js';
import { MythlineStoriesController } from './mythline/stories.controller.js';
import { MythlineTasksController } from './mythline/tasks.controller.js';
import { MythlineTasks } from './mythline/tasks.js';
import { serviceControllers } from './services/services.js';
import { workbookChat } from './workbook-chat/parts.js';
import { VocabularyLibraryController } from './vocabulary-builder/library.controller.js';
import { VocabularyTasksController } from './vocabulary-builder/tasks.controller.js';

export const compat: Parts = {
  controllers: [
    VocabularyTasksController,
    VocabularyLibraryController,
    AssistantGenerateController,
    AssistantHealthController,
    AiAssistantChatController,
    AiAssistantStreamsController,
    MythlineTasksController,
    MythlineStoriesController,
    MythlineResearchController,
    ...serviceControllers,
    ...workbookChat.controllers,
  ],
  providers: [MythlineTasks, ...workbookChat.providers],
};
