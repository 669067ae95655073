import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { callerOf } from '../auth/owner.js';
import { Budget } from '../openapi/route-marks.js';
import { preferredWait } from '../reading/prefer.js';
import { answersEvents } from './answers-events.js';
import { EventFeeds } from './event-feeds.js';
import { EventPages } from './event-pages.js';
import { OpenStreams } from './open-streams.js';
import { SseStream } from './sse-stream.js';

const JobId = z.string().min(1).max(200).meta({ description: 'Id of the job', example: 'job_6f1c...' });

const EventsQuery = z.strictObject({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .meta({ description: 'Number of the last event you have; for a stream, Last-Event-ID comes first' }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .meta({ description: 'Most events of a page; without meaning for a stream' }),
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
  @Budget('stream')
  @ApiOperation({
    operationId: 'listJobEvents',
    summary: 'The events of a job: a stream with "Accept: text/event-stream", otherwise a page',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Of a stream that is taken up again' })
  @ApiHeader({ name: 'Prefer', required: false, description: 'wait=n: a page waits n seconds for an event' })
  @answersEvents()
  async events(
    @Param('id', { schema: JobId }) id: string,
    @Query({ schema: EventsQuery }) query: EventsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    varyBy(reply, 'Accept');
    void reply.header('cache-control', 'no-store');
    if (wantsStream(request)) await this.stream(id, { query, request, reply });
    else await this.page(id, { query, request, reply });
  }

  private async page(id: string, { query, request, reply }: Exchange): Promise<void> {
    const wait = preferredWait(request.headers.prefer);
    const { owner } = callerOf(request);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const page = await this.pages.page(id, { ...query, owner, wait, gone: gone.signal });
    if (wait > 0) void reply.header('preference-applied', `wait=${wait}`);
    void reply.send(page);
  }

  private async stream(id: string, { query, request, reply }: Exchange): Promise<void> {
    const caller = callerOf(request);
    const after = lastEventId(request) ?? query.after;
    const view = await this.feeds.view(id, { owner: caller.owner, after });
    // An EventSource connects again after every end of a stream, unless it is told that there is no more.
    if (view.complete) {
      view.close();
      void reply.status(204).send();
      return;
    }
    const stream = new SseStream(reply);
    let release: () => void;
    try {
      release = this.streams.enter(stream, caller);
    } catch (error) {
      view.close();
      throw error;
    }
    if (reply.raw.destroyed) {
      release();
      view.close();
      reply.hijack();
      return;
    }
    stream.begin(() => {
      release();
      view.close();
    });
    if (request.method === 'HEAD') stream.done();
    else view.start(stream);
  }
}

interface Exchange {
  query: EventsQuery;
  request: FastifyRequest;
  reply: FastifyReply;
}

const wantsStream = ({ headers }: FastifyRequest): boolean =>
  /(^|[,\s])text\/event-stream(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(headers.accept ?? '');

/** What is no number of ours is passed over: the stream then begins at `after`, so nothing is lost. */
function lastEventId({ headers }: FastifyRequest): number | null {
  const id = headers['last-event-id'];
  return typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : null;
}

function varyBy(reply: FastifyReply, header: string): void {
  const before = reply.getHeader('vary');
  void reply.header('vary', before === undefined ? header : `${String(before)}, ${header}`);
}
