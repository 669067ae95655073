import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isRecord } from '../../job-types/contract/is-record.js';
import { StorableText } from '../../job-types/fields/storable-text.js';
import type { Conversation as Stored } from '../../store/conversations.js';
import { KeyId, Owner } from '../auth/owner.js';
import { Store } from '../database/store.js';
import { answerLimit } from '../limits.js';
import { answers } from '../openapi/answers.js';
import { pageFields, toPage } from '../openapi/numbered-page.js';
import { Budget } from '../openapi/route-marks.js';
import { parsed } from '../problems/validation.js';
import { Chats } from './chats.js';
import { answersConversationOrStream, takesConversationOrChat } from './document.js';
import { MessageViews } from './message-views.js';
import { ReplyStreams } from './reply-streams.js';
import { ChatRequest, newMessage } from './ui-chat-request.js';
import { Conversation, ConversationList, ConversationRequest, ReadConversation } from './views.js';

const ListQuery = z.strictObject(pageFields);
type ListQuery = z.infer<typeof ListQuery>;

const ReadQuery = z.strictObject({
  pageSize: pageFields.pageSize.meta({ description: 'Messages with their replies' }),
  pageToken: z
    .string()
    .regex(/^[1-9][0-9]{0,8}$/, 'not a token this conversation gave out')
    .optional()
    .meta({ description: 'earlierPageToken of the page after' }),
});
type ReadQuery = z.infer<typeof ReadQuery>;

const idParam = StorableText.meta({ description: 'Id of the conversation', example: 'chat-1' });

@ApiTags('conversations')
@Controller('v1/conversations')
export class ConversationsController {
  constructor(
    private readonly store: Store,
    private readonly chats: Chats,
    private readonly views: MessageViews,
    private readonly replies: ReplyStreams,
  ) {}

  @Post()
  @Budget('submit')
  @RouteConfig({ ownBodyLimit: answerLimit })
  @ApiOperation({
    operationId: 'createConversation',
    summary:
      "Begin a conversation; or send a message as the AI SDK's useChat does, and have the reply streamed",
  })
  @takesConversationOrChat()
  @answersConversationOrStream()
  async create(
    @Body() body: unknown,
    @Owner() owner: string,
    @KeyId() by: string | null,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (!isRecord(body) || !('messages' in body)) {
      const created = toView(await this.chats.create(owner, parsed(ConversationRequest, body ?? {})));
      void reply.status(201).header('location', `/v1/conversations/${created.id}`).send(created);
      return;
    }
    const chat = parsed(ChatRequest, body);
    const { job } = await this.chats.send(
      { conversation: chat.id, ...newMessage(chat) },
      { owner, by, begins: true },
    );
    await this.replies.asUiMessage({ request, reply }, { conversation: chat.id, jobId: job.id });
  }

  @Get()
  @ApiOperation({ operationId: 'listConversations', summary: 'Your conversations, newest first' })
  @answers(200, ConversationList, [422])
  async list(
    @Owner() owner: string,
    @Query({ schema: ListQuery }) { pageSize, pageToken }: ListQuery,
  ): Promise<ConversationList> {
    const rows = await this.store.conversations.list(owner, { before: pageToken, limit: pageSize + 1 });
    const { nextPageToken } = toPage(
      rows.map(({ number }) => ({ id: number })),
      pageSize,
    );
    return { items: rows.slice(0, pageSize).map(toView), nextPageToken };
  }

  @Get(':conversation')
  @ApiOperation({ operationId: 'readConversation', summary: 'A conversation and what was said in it' })
  @answers(200, ReadConversation, [404, 422])
  async read(
    @Param('conversation', { schema: idParam }) conversation: string,
    @Owner() owner: string,
    @Query({ schema: ReadQuery }) { pageSize, pageToken }: ReadQuery,
  ): Promise<ReadConversation> {
    const key = { owner, conversation };
    const found = await this.chats.find(key);
    const before = pageToken === undefined ? undefined : Number(pageToken);
    const turns = await this.store.conversations.turns(key, { before, limit: pageSize + 1 });
    const shown = turns.slice(-pageSize);
    return {
      ...toView(found),
      messages: await this.views.of(shown),
      earlierPageToken: turns.length > pageSize ? String(shown[0]?.turn) : null,
    };
  }

  @Delete(':conversation')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'deleteConversation',
    summary: 'Delete what was said in a conversation, and stop what is being written',
  })
  @ApiResponse({ status: 204, description: 'Deleted' })
  @answers([], Conversation, [404])
  async remove(
    @Param('conversation', { schema: idParam }) conversation: string,
    @Owner() owner: string,
    @KeyId() by: string | null,
  ): Promise<void> {
    await this.chats.remove({ owner, conversation }, by);
  }
}

const toView = ({ id, title, system, model, created_at, updated_at }: Stored): Conversation => ({
  id,
  title,
  system,
  model,
  createdAt: created_at.toISOString(),
  updatedAt: updated_at.toISOString(),
});
