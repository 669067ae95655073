import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { problemResponse } from '../openapi/answers.js';

const form =
  'Server-sent events: `id` is the number of the event, `event` its type, `data` the event as JSON.';
const interruptions = [
  'An `error` event carries a problem and says why the stream ends before its time;',
  'a stream that just breaks off is taken up again with Last-Event-ID. Comments come every 15 s.',
].join(' ');

export const eventHeaders = {
  lastEventId: {
    name: 'Last-Event-ID',
    required: false,
    description: 'Of a stream that is taken up again',
  },
  prefer: { name: 'Prefer', required: false, description: 'wait=n: a page waits n seconds for an event' },
} as const;

/** Two forms by hand: one status, two media types. */
const twoForms = (page: string, stream: string) =>
  ApiResponse({
    status: 200,
    description: 'A page of events, or a stream of them',
    content: {
      'application/json': { schema: { $ref: `#/components/schemas/${page}` } },
      'text/event-stream': { schema: { type: 'string', description: stream } },
    },
  });

const refusals = (statuses: readonly number[]) =>
  statuses.map((status) => ApiResponse({ status, ...problemResponse(status) }));

/** Documents the events of a job. */
export const answersEvents = () =>
  applyDecorators(
    twoForms('EventPage', `${form} The stream ends after the event \`end\`. ${interruptions}`),
    ApiResponse({ status: 204, description: 'For a stream: the job has ended and you have its last event' }),
    ...refusals([404, 422]),
  );

/** Documents the feed of an owner. */
export const answersFeed = () =>
  applyDecorators(
    twoForms(
      'FeedPage',
      `${form} The first event is \`begin\`: its \`data.after\` says behind which number the stream begins. ${interruptions}`,
    ),
    ...refusals([422]),
  );
