import type { OpenAPIObject } from '@nestjs/swagger';
import { problemResponse, sharedResponses } from '../openapi/answers.js';
import { openExtension } from '../openapi/route-marks.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const challenge = { 'WWW-Authenticate': { description: 'Bearer', schema: { type: 'string' } } };

/** What only the guard answers, by the name the document has for it. */
const guardResponses = {
  Guard400: {
    ...problemResponse(400),
    description: 'Request could not be read, or holds an API key in its address',
  },
  Guard401: { ...problemResponse(401), headers: challenge },
  Guard403: {
    ...problemResponse(403),
    description:
      'Not from this machine, not from the own page, not what the token is for, or only for operators',
  },
} as const;

/**
 * What the guard, and what stands behind it, may answer on every route; a route lists only its own. One may answer the
 * same status for reasons of its own.
 */
const refusals = {
  400: { $ref: `${sharedResponses}Guard400` },
  401: { $ref: `${sharedResponses}Guard401` },
  403: { $ref: `${sharedResponses}Guard403` },
  429: problemResponse(429),
} as const;

/** What is answered before a body has reached a route, whether the route takes one or not. */
const bodyRefusals = {
  413: problemResponse(413),
  415: problemResponse(415),
  422: problemResponse(422),
} as const;

/** What is answered before anybody knows which route is meant. */
const unreadable = {
  400: problemResponse(400),
  408: problemResponse(408),
  431: problemResponse(431),
  503: problemResponse(503),
} as const;

/** Writes into the document that routes take a key (none as long as there are none), and how they refuse. */
export function documentGuard(document: OpenAPIObject): void {
  document.components = {
    ...document.components,
    responses: { ...document.components?.responses, ...guardResponses },
    securitySchemes: {
      apiKey: {
        type: 'http',
        scheme: 'bearer',
        description: 'An API key, once there is one; for one job also a token',
      },
    },
  };
  for (const methods of Object.values(document.paths)) {
    for (const [method, operation] of Object.entries(methods) as [string, MarkedOperation][]) {
      if (method !== 'get') refuseBodies(operation);
      if (operation[openExtension]) refuseWith(operation, unreadable);
      else {
        operation.security = [{}, { apiKey: [] }];
        refuseWith(operation, { ...unreadable, ...refusals });
      }
      delete operation[openExtension];
    }
  }
}

type MarkedOperation = Operation & { [openExtension]?: true };

function refuseWith({ responses }: Operation, shared: Operation['responses']): void {
  for (const [status, refusal] of Object.entries(shared)) responses[status] ??= refusal;
}

/** A route with errors in a form of its own answers so only what has reached it. */
function refuseBodies({ responses }: Operation): void {
  for (const [status, refusal] of Object.entries(bodyRefusals)) {
    const own = responses[status];
    if (!own) responses[status] = refusal;
    else if ('content' in own) own.content = { ...own.content, ...refusal.content };
  }
}
