import type { Parts } from '../parts.js';
import { Chats } from './chats.js';
import { ConversationsController } from './conversations.controller.js';
import { MessageViews } from './message-views.js';
import { MessagesController } from './messages.controller.js';
import { ReplyEndings } from './reply-ending.js';
import { ReplyStreams } from './reply-streams.js';

export const conversations: Parts = {
  controllers: [ConversationsController, MessagesController],
  providers: [Chats, MessageViews, ReplyEndings, ReplyStreams],
};
