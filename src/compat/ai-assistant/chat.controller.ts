import {
  Body,
  Controller,
  Get,
  HttpCode,
  HttpException,
  Inject,
  NotFoundException,
  Param,
  Post,
  UseFilters,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { ChatReplyResult } from '../../../job-types/chat-reply.js';
import type { Job } from '../../../job-types/contract/job.js';
import { type ModelNames, modelNames } from '../../../job-types/fields/model-names.js';
import { starSuccessIn } from '../../../job-types/fields/star-success.js';
import { KeyId, Owner } from '../../auth/owner.js';
import { CONFIG, type Config } from '../../config.js';
import { Chats, type NewMessage } from '../../conversations/chats.js';
import { answerLimit } from '../../limits.js';
import { Budget } from '../../openapi/route-marks.js';
import { Problem } from '../../problems/problems.js';
import { JobReader } from '../../reading/job-reader.js';
import { FastApiFilter, answersAsFastApi } from '../fast-api.js';
import { ownJob, whyFailed } from '../own-job.js';
import { ChatMessage, ChatStart, conversationOf, messageOf, openingOf } from './chat-requests.js';
import { refusalSentence } from './chat-refusal.js';
import { taskStatuses } from './generate-task.js';

const Started = z.object({ task_id: z.string(), message: z.string() }).meta({ id: 'AiAssistantTask' });
type Started = z.infer<typeof Started>;

const ChatStatus = z
  .object({
    status: z.enum(['pending', 'processing', 'completed', 'failed']),
    response: z.string().nullable(),
    error: z.string().nullable(),
    extracted_data: z
      .record(z.string(), z.json())
      .nullable()
      .meta({ description: 'The success that a STAR coach has told' }),
  })
  .meta({ id: 'AiAssistantChatStatus' });
type ChatStatus = z.infer<typeof ChatStatus>;

/** The coach of JobMatch, as its server polls it. */
@ApiTags('compatible')
@UseFilters(FastApiFilter)
@Controller('chat')
export class AiAssistantChatController {
  private readonly models: ModelNames;

  constructor(
    private readonly chats: Chats,
    private readonly reader: JobReader,
    @Inject(CONFIG) config: Config,
  ) {
    this.models = modelNames(config);
  }

  @Post('start')
  @HttpCode(200)
  @Budget('submit')
  @RouteConfig({ ownBodyLimit: answerLimit })
  @ApiOperation({
    operationId: 'startCoaching',
    summary: 'Have a coach open a conversation, as JobMatch does',
  })
  @answersAsFastApi(Started, [422])
  async start(
    @Body({ schema: ChatStart }) body: ChatStart,
    @Owner() owner: string,
    @KeyId() by: string | null,
  ): Promise<Started> {
    const id = await this.begin(body, { owner, by, message: openingOf(body, this.models) });
    return { task_id: id, message: 'Chat started' };
  }

  @Post('message/async')
  @HttpCode(200)
  @Budget('submit')
  @RouteConfig({ ownBodyLimit: answerLimit })
  @ApiOperation({ operationId: 'sendCoachingMessage', summary: 'Send a coach a message, as JobMatch does' })
  @answersAsFastApi(Started, [422])
  async send(
    @Body({ schema: ChatMessage }) body: ChatMessage,
    @Owner() owner: string,
    @KeyId() by: string | null,
  ): Promise<Started> {
    const id = await this.begin(body, { owner, by, message: messageOf(body, this.models) });
    return { task_id: id, message: 'Message processing started' };
  }

  @Get('message/status/:id')
  @ApiOperation({ operationId: 'readCoachingTask', summary: 'Read what a coach answers, as JobMatch does' })
  @answersAsFastApi(ChatStatus, [404])
  async status(@Param('id') id: string, @Owner() owner: string): Promise<ChatStatus> {
    const job = await ownJob(this.reader, { id, owner });
    if (job?.type !== 'chatReply') throw new NotFoundException('Task not found');
    return toStatus(job);
  }

  /** What a person can bring about by typing is refused with a sentence, which that page prints. */
  private async begin(
    body: ChatStart,
    { message, ...call }: { owner: string; by: string | null; message: NewMessage },
  ): Promise<string> {
    try {
      const { job } = await this.chats.send(
        { conversation: conversationOf(body), ...message },
        { ...call, begins: true },
      );
      return job.id;
    } catch (error) {
      if (error instanceof Problem && error.options.errors) {
        throw new HttpException(refusalSentence(error), 422, { cause: error });
      }
      throw error;
    }
  }
}

function toStatus(job: Job): ChatStatus {
  const nothing = { response: null, error: null, extracted_data: null };
  const status = taskStatuses[job.status];
  if (status === 'failed') return { ...nothing, status, error: whyFailed(job) };
  if (status !== 'completed') return { ...nothing, status };
  const { text, finishReason } = job.result as ChatReplyResult;
  if (finishReason === 'length') {
    return {
      ...nothing,
      status: 'failed',
      error: 'The answer was cut off at the length limit of the model.',
    };
  }
  return { ...nothing, status, response: text, extracted_data: starSuccessIn(text) };
}
