import { WorkbookConversationsController } from './conversations.controller.js';
import { WorkbookHistory } from './history.js';
import { WorkbookMessagesController } from './messages.controller.js';
import { WorkbookPlans } from './plans.js';
import { WorkbookReplies } from './replies.js';
import { WorkbookSocket } from './socket.js';
import { WorkbookWorkflowsController } from './workflows.controller.js';

/** The API of Pycelize's chat bot. */
export const workbookChat = {
  controllers: [WorkbookConversationsController, WorkbookMessagesController, WorkbookWorkflowsController],
  providers: [WorkbookPlans, WorkbookReplies, WorkbookHistory, WorkbookSocket],
};
