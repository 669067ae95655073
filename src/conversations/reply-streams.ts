import { Injectable } from '@nestjs/common';
import { rootOf } from '../../store/receipts.js';
import { type ConversationKey, replyId } from '../../store/conversations.js';
import { ownerOf } from '../auth/owner.js';
import { EventFeeds } from '../events/event-feeds.js';
import { type Exchange, sendStream } from '../events/exchange.js';
import { OpenStreams } from '../events/open-streams.js';
import { ReplyEndings } from './reply-ending.js';
import type { ReplyStream, ReplyStreamOptions } from './reply-stream.js';
import { UiMessageStream } from './ui-message-stream.js';

export interface StreamedReply {
  jobId: string;
  /** The number of the last event that the client has. */
  after?: number | undefined;
  form: (options: Pick<ReplyStreamOptions, 'ending'>) => ReplyStream;
}

/** Streams replies to those who wait for them. One that goes away stops nothing. */
@Injectable()
export class ReplyStreams {
  constructor(
    private readonly feeds: EventFeeds,
    private readonly streams: OpenStreams,
    private readonly endings: ReplyEndings,
  ) {}

  /** @throws {Problem} too-many-streams, or stopping; nothing has been answered then */
  async stream(exchange: Exchange, { jobId, after = 0, form }: StreamedReply): Promise<void> {
    const view = await this.feeds.view(jobId, { owner: ownerOf(exchange.request), after });
    const stream = form({ ending: (told) => this.endings.of(jobId, told) });
    sendStream(exchange, { view, streams: this.streams, stream });
  }

  /** As the AI SDK reads it. */
  asUiMessage(
    exchange: Exchange,
    { conversation, jobId, after }: Pick<ConversationKey, 'conversation'> & Omit<StreamedReply, 'form'>,
  ): Promise<void> {
    const of = { messageId: replyId(rootOf(jobId)), conversation, jobId, resumed: after !== undefined };
    const form = (options: Pick<ReplyStreamOptions, 'ending'>) =>
      new UiMessageStream(exchange.reply, { ...of, ...options });
    return this.stream(exchange, { jobId, after, form });
  }
}
