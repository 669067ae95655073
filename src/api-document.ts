import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { z } from 'zod';
import { Failure } from '../job-types/contract/failure.js';
import { jobTypes } from '../job-types/index.js';
import { EventPage } from './events/event-pages.js';
import { FeedPage } from './events/feed-pages.js';
import { JobRequest } from './jobs/job-request.js';
import { documentGuard } from './auth/guard-document.js';
import { ChatRequest } from './conversations/ui-chat-request.js';
import { Conversation, ConversationRequest, SentMessage } from './conversations/views.js';
import { Confirmation, NewChat, NewMessage } from './compat/workbook-chat/requests.js';
import { CONFIG, type Config } from './config.js';
import { atHome, setBodyExamples, submitExamples } from './openapi/examples.js';
import { ProblemList } from './problems/problems.controller.js';
import { shareProblems, withoutProblemBodies } from './openapi/shared-problems.js';
import { optionalBody, toJsonSchema } from './openapi/json-schema.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/** The whole API as OpenAPI 3.1, from the same schemas that check requests. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setTitle('Longhaul')
    .setDescription(
      'Durable LLM jobs: submit, watch, cancel. Every error is a problem (RFC 9457): `application/problem+json`, ' +
        'as the schema Failure says. [All of them](/problems).',
    )
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .build();
  const document = SwaggerModule.createDocument(app, about, {
    operationIdFactory: operationId,
    standardSchemaConverter: (schema, { schemaType }) => toJsonSchema(schema as z.ZodType, schemaType),
  });
  for (const methods of Object.values(document.paths)) {
    for (const operation of Object.values(methods) as Operation[]) leaveBodyOptional(operation);
  }
  documentGuard(document);
  shareProblems(document);
  setBodyExamples(document, 'submitJob', submitExamples(Object.values(jobTypes)));
  const whole = { ...document, components: { ...document.components, schemas: allSchemas(document) } };
  return atHome(whole, app.get<Config>(CONFIG).PORT);
}

/** Serves /openapi.json and, from files of our own, /docs. */
export function serveOpenApi(app: NestFastifyApplication): void {
  const document = openApiDocument(app);
  SwaggerModule.setup('docs', app, withoutProblemBodies(document), { raw: false });
  SwaggerModule.setup('docs', app, document, { ui: false, raw: ['json'], jsonDocumentUrl: 'openapi.json' });
}

/** `JobsController.cancel` is `cancelJob`, `JobsController.list` is `listJobs`. A route may name itself otherwise. */
function operationId(controller: string, method: string): string {
  const nouns = controller.replace(/Controller$/, '');
  return method + (method === 'list' ? nouns : nouns.replace(/s$/, ''));
}

function leaveBodyOptional({ requestBody }: Operation): void {
  if (!requestBody || !('content' in requestBody)) return;
  for (const { schema } of Object.values(requestBody.content)) {
    if (!schema || !(optionalBody in schema)) continue;
    delete schema[optionalBody];
    requestBody.required = false;
  }
}

/**
 * Those the routes name, what a submit takes, the one error object, and what each type of job gives back. A job's
 * `result` is any of the last.
 */
function allSchemas(document: OpenAPIObject): Schemas {
  const types = [
    Failure,
    ProblemList,
    EventPage,
    FeedPage,
    Conversation,
    SentMessage,
    ...Object.values(jobTypes).map(({ result }) => result),
  ];
  const added = [
    ...types.map((type) => toJsonSchema(type, 'output').components),
    ...[JobRequest, ConversationRequest, ChatRequest, NewChat, NewMessage, Confirmation].map(
      (type) => toJsonSchema(type, 'input').components,
    ),
  ];
  const schemas = Object.entries({
    ...document.components?.schemas,
    ...Object.assign({}, ...added),
  } as Schemas);
  return Object.fromEntries(schemas.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
