import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { problemResponse } from '../openapi/answers.js';

const uiStream =
  "A UI message stream of the AI SDK: one reply, from its first word to its end. An `error` chunk says why there is none. A stream that breaks is taken up again with GET; the frames' ids go with Last-Event-ID.";

const stream = { 'text/event-stream': { schema: { type: 'string' as const, description: uiStream } } };

const refusals = (statuses: readonly number[]) =>
  statuses.map((status) => ApiResponse({ status, ...problemResponse(status) }));

/** The schemas stand among those of the document (api-document.ts). */
export const takesConversationOrChat = () =>
  ApiBody({
    required: false,
    schema: { oneOf: ['ConversationRequest', 'ChatRequest'].map((id) => ({ $ref: getSchemaPath(id) })) },
  });

export const answersConversationOrStream = () =>
  applyDecorators(
    ApiResponse({
      status: 201,
      description: 'Made',
      content: { 'application/json': { schema: { $ref: getSchemaPath('Conversation') } } },
      headers: { Location: { description: 'Where to read it', schema: { type: 'string' } } },
    }),
    ApiResponse({ status: 200, description: 'The reply to a message of useChat', content: stream }),
    ...refusals([404, 409, 422]),
  );

export const answersStream = () =>
  applyDecorators(
    ApiResponse({ status: 200, description: 'The reply that is being written', content: stream }),
    ApiResponse({ status: 204, description: 'Nothing is being written, or you have all of it' }),
    ...refusals([404, 422]),
  );

export const answersSentOrStream = () =>
  applyDecorators(
    ...[200, 202].map((status) =>
      ApiResponse({
        status,
        description: status === 200 ? 'Replied' : 'Accepted; the reply is on its way',
        headers: problemResponse(status).headers,
        content: {
          'application/json': { schema: { $ref: getSchemaPath('SentMessage') } },
          ...(status === 200 ? stream : {}),
        },
      }),
    ),
    ...refusals([404, 409, 422]),
  );
