import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { problemResponse } from '../openapi/answers.js';

const streamForm = [
  'Server-sent events: `id` is the number of the event, `event` its type, `data` the event as JSON.',
  'The stream ends after the event `end`. An `error` event carries a problem and says why the stream ends before that;',
  'a stream that just breaks off is taken up again with Last-Event-ID. Comments come every 15 s.',
].join(' ');

/** Documents the two forms of a job's events by hand: one status, two media types. */
export const answersEvents = () =>
  applyDecorators(
    ApiResponse({
      status: 200,
      description: 'A page of events, or a stream of them',
      content: {
        'application/json': { schema: { $ref: '#/components/schemas/EventPage' } },
        'text/event-stream': { schema: { type: 'string', description: streamForm } },
      },
    }),
    ApiResponse({ status: 204, description: 'For a stream: the job has ended and you have its last event' }),
    ...[404, 422].map((status) => ApiResponse({ status, ...problemResponse(status) })),
  );
