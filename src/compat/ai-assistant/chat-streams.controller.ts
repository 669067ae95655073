import { Body, Controller, HttpCode, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ModelNames, modelNames } from '../../../job-types/fields/model-names.js';
import { callerOf } from '../../auth/owner.js';
import { CONFIG, type Config } from '../../config.js';
import { Chats, type NewMessage } from '../../conversations/chats.js';
import { ReplyStreams } from '../../conversations/reply-streams.js';
import type { Exchange } from '../../events/exchange.js';
import { answerLimit } from '../../limits.js';
import { Budget } from '../../openapi/route-marks.js';
import { FastApiFilter, answersStreamAsFastApi } from '../fast-api.js';
import { refusalSentence } from './chat-refusal.js';
import { ChatMessage, ChatStart, conversationOf, messageOf, openingOf } from './chat-requests.js';
import { TokenStream, errorFrame, streamHeaders } from './chat-token-stream.js';

/** The coach of JobMatch, as its page hears it speak. */
@ApiTags('compatible')
@UseFilters(FastApiFilter)
@Controller('chat')
export class AiAssistantStreamsController {
  private readonly models: ModelNames;

  constructor(
    private readonly chats: Chats,
    private readonly replies: ReplyStreams,
    @Inject(CONFIG) config: Config,
  ) {
    this.models = modelNames(config);
  }

  @Post('start/stream')
  @HttpCode(200)
  @Budget('submit')
  @RouteConfig({ ownBodyLimit: answerLimit })
  @ApiOperation({
    operationId: 'streamCoachingStart',
    summary: 'Have a coach open a conversation, word by word, as JobMatch does',
  })
  @answersStreamAsFastApi()
  start(
    @Body({ schema: ChatStart }) body: ChatStart,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.stream(body, { exchange: { request, reply }, message: () => openingOf(body, this.models) });
  }

  @Post('message/stream')
  @HttpCode(200)
  @Budget('submit')
  @RouteConfig({ ownBodyLimit: answerLimit })
  @ApiOperation({
    operationId: 'streamCoachingMessage',
    summary: 'Send a coach a message and hear the answer word by word, as JobMatch does',
  })
  @answersStreamAsFastApi()
  send(
    @Body({ schema: ChatMessage }) body: ChatMessage,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.stream(body, { exchange: { request, reply }, message: () => messageOf(body, this.models) });
  }

  /** That page shows nothing of a refused request, and so it is told in the stream. */
  private async stream(
    body: ChatStart,
    { exchange, message }: { exchange: Exchange; message: () => NewMessage },
  ): Promise<void> {
    const { request, reply } = exchange;
    const { owner, keyId: by } = callerOf(request);
    try {
      const { job } = await this.chats.send(
        { conversation: conversationOf(body), ...message() },
        { owner, by, begins: true },
      );
      const form = (options: ConstructorParameters<typeof TokenStream>[1]) => new TokenStream(reply, options);
      await this.replies.stream(exchange, { jobId: job.id, form });
    } catch (error) {
      if (reply.sent) throw error;
      const head = { 'content-type': 'text/event-stream; charset=utf-8', ...streamHeaders };
      void reply
        .status(200)
        .headers(head)
        .send(errorFrame(refusalSentence(error)));
    }
  }
}
