import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ownerOf } from '../auth/owner.js';
import { Budget, ForTokens } from '../openapi/route-marks.js';
import { answersEvents, eventHeaders } from './answers-events.js';
import { EventFeeds } from './event-feeds.js';
import { EventPages } from './event-pages.js';
import { lastEventId, place, prepare, sendPage, sendStream, wantsStream } from './exchange.js';
import { OpenStreams } from './open-streams.js';

const JobId = z.string().min(1).max(200).meta({ description: 'Id of the job', example: 'job_6f1c...' });

const EventsQuery = z.strictObject({
  ...place,
  after: place.after
    .default(0)
    .meta({ description: 'Number of the last event you have; for a stream, Last-Event-ID comes first' }),
  access_token: z
    .string()
    .optional()
    .meta({ description: 'A token that reads this job, for EventSource, which can send no header' }),
});
type EventsQuery = z.infer<typeof EventsQuery>;

@ApiTags('jobs')
@Controller('v1/jobs')
export class EventsController {
  constructor(
    private readonly feeds: EventFeeds,
    private readonly pages: EventPages,
    private readonly streams: OpenStreams,
  ) {}

  @Get(':id/events')
  @ForTokens({ access: 'read', inAddress: true })
  @Budget('stream')
  @ApiOperation({
    operationId: 'listJobEvents',
    summary: 'The events of a job: a stream with "Accept: text/event-stream", otherwise a page',
  })
  @ApiHeader(eventHeaders.lastEventId)
  @ApiHeader(eventHeaders.prefer)
  @answersEvents()
  async events(
    @Param('id', { schema: JobId }) id: string,
    @Query({ schema: EventsQuery }) query: EventsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const exchange = { request, reply };
    prepare(exchange);
    if (!wantsStream(request)) {
      await sendPage(exchange, (waiting) => this.pages.page(id, { ...query, ...waiting }));
      return;
    }
    const after = lastEventId(request) ?? query.after;
    const view = await this.feeds.view(id, { owner: ownerOf(request), after });
    sendStream(exchange, { view, streams: this.streams });
  }
}
