import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Job } from '../../job-types/contract/job.js';
import { StorableText } from '../../job-types/fields/storable-text.js';
import { KeyId, Owner } from '../auth/owner.js';
import { wantsStream } from '../events/exchange.js';
import { answers } from '../openapi/answers.js';
import { Budget } from '../openapi/route-marks.js';
import { inTime } from '../reading/in-time.js';
import { preferHeader } from '../reading/job-route.js';
import { JobWatch } from '../reading/job-watch.js';
import { Chats } from './chats.js';
import { answersSentOrStream, answersStream } from './document.js';
import { MessageViews } from './message-views.js';
import { ReplyStreams } from './reply-streams.js';
import { MessageRequest, StopRequest } from './views.js';

const StreamQuery = z.strictObject({
  message: StorableText.max(300)
    .optional()
    .meta({ description: 'Id of a reply, which may be complete; the one that is being written, if absent' }),
});
type StreamQuery = z.infer<typeof StreamQuery>;

const idParam = StorableText.meta({ description: 'Id of the conversation', example: 'chat-1' });

@ApiTags('conversations')
@Controller('v1/conversations/:conversation')
export class MessagesController {
  constructor(
    private readonly chats: Chats,
    private readonly views: MessageViews,
    private readonly replies: ReplyStreams,
    private readonly watch: JobWatch,
  ) {}

  @Post('messages')
  @HttpCode(202)
  @Budget('submit')
  @ApiOperation({
    operationId: 'sendMessage',
    summary:
      'Send a message; replies come in the order of the messages. With "Accept: text/event-stream" as a stream',
  })
  @ApiHeader({
    name: 'idempotency-key',
    required: false,
    schema: { type: 'string', maxLength: 255 },
    description: 'A repeated message with the same key is the same message',
  })
  @ApiHeader(preferHeader)
  @answersSentOrStream()
  async send(
    @Param('conversation', { schema: idParam }) conversation: string,
    @Body({ schema: MessageRequest }) { content, id, ...rest }: MessageRequest,
    @Owner() owner: string,
    @KeyId() by: string | null,
    @Headers('idempotency-key') key: string | undefined,
    @Headers('prefer') preferences: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const message = {
      conversation,
      message: content,
      ...(id === undefined ? {} : { messageId: id }),
      ...rest,
    };
    const { job, turn } = await this.chats.send(message, { owner, by, key });
    if (wantsStream(request)) {
      await this.replies.asUiMessage({ request, reply }, { conversation, jobId: job.id });
      return;
    }
    const now = await inTime(job, { watch: this.watch, owner, preferences, reply });
    const shown = (await this.chats.turnOfJob({ owner, conversation }, job.id)) ?? turn;
    const [sent, answer] = await this.views.of([shown]);
    void reply.send({ message: sent, reply: answer, job: now });
  }

  @Get('stream')
  @Budget('stream')
  @ApiOperation({
    operationId: 'streamReply',
    summary: "The reply that is being written, from its beginning, as the AI SDK's useChat takes it up again",
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Of a stream that is taken up again' })
  @answersStream()
  async stream(
    @Param('conversation', { schema: idParam }) conversation: string,
    @Query({ schema: StreamQuery }) { message }: StreamQuery,
    @Owner() owner: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const key = { owner, conversation };
    const place = placeIn(request.headers['last-event-id']);
    const turn =
      place !== null
        ? await this.chats.turnOfJob(key, place.jobId)
        : message === undefined
          ? await this.chats.underWay(key)
          : await this.chats.turnOf(key, message);
    if (!turn) {
      void reply.status(204).send();
      return;
    }
    const { job_id: jobId } = turn;
    const after = place?.jobId === jobId ? place.after : undefined;
    await this.replies.asUiMessage({ request, reply }, { conversation, jobId, after });
  }

  @Post('stop')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'stopReply',
    summary: 'Stop the reply that is being written; what it has said is kept',
  })
  @ApiHeader(preferHeader)
  @ApiResponse({ status: 204, description: 'Nothing is being written' })
  @answers([200, 202], Job, [404, 422])
  async stop(
    @Param('conversation', { schema: idParam }) conversation: string,
    @Body({ schema: StopRequest.optional() }) request: StopRequest | undefined,
    @Owner() owner: string,
    @KeyId() by: string | null,
    @Headers('prefer') preferences: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Job | undefined> {
    const job = await this.chats.stop({ owner, conversation }, { by, message: request?.message });
    if (job) return inTime(job, { watch: this.watch, owner, preferences, reply });
    void reply.status(204);
    return undefined;
  }
}

/** The id of a frame: `<job>/<number of the event>`. What is none of ours is passed over. */
function placeIn(header: string | string[] | undefined): { jobId: string; after: number } | null {
  const [, jobId, after] = /^([\x21-\x7e]{1,250})\/(\d{1,9})$/.exec(String(header ?? '')) ?? [];
  return jobId === undefined ? null : { jobId, after: Number(after) };
}
