import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ownerOf } from '../auth/owner.js';
import { Budget } from '../openapi/route-marks.js';
import { answersFeed, eventHeaders } from './answers-events.js';
import { lastEventId, place, prepare, sendPage, sendStream, wantsStream } from './exchange.js';
import { FeedPages } from './feed-pages.js';
import { OpenStreams } from './open-streams.js';
import { OwnerFeeds } from './owner-feeds.js';

const FeedQuery = z.strictObject({
  ...place,
  after: place.after.optional().meta({
    description:
      'Number of the last entry you have, 0 for all that are kept; without it the feed begins now. For a stream, Last-Event-ID comes first',
  }),
});
type FeedQuery = z.infer<typeof FeedQuery>;

@ApiTags('jobs')
@Controller('v1/events')
export class FeedController {
  constructor(
    private readonly feeds: OwnerFeeds,
    private readonly pages: FeedPages,
    private readonly streams: OpenStreams,
  ) {}

  @Get()
  @Budget('stream')
  @ApiOperation({
    operationId: 'listEvents',
    summary: 'What became of all your jobs: a stream with "Accept: text/event-stream", otherwise a page',
  })
  @ApiHeader(eventHeaders.lastEventId)
  @ApiHeader(eventHeaders.prefer)
  @answersFeed()
  async events(
    @Query({ schema: FeedQuery }) query: FeedQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const exchange = { request, reply };
    const { limit } = query;
    const after = query.after ?? null;
    prepare(exchange);
    if (!wantsStream(request)) {
      await sendPage(exchange, (waiting) => this.pages.page({ after, limit, ...waiting }));
      return;
    }
    const view = await this.feeds.view(ownerOf(request), lastEventId(request) ?? after);
    const begin = { seq: view.at, type: 'begin', json: JSON.stringify({ after: view.at }) };
    // A client that loses the connection before anything has happened resumes here, too.
    sendStream(exchange, { view, streams: this.streams, open: (stream) => void stream.send(begin) });
  }
}
