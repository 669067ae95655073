import type { OpenAPIObject } from '@nestjs/swagger';
import { problemResponse } from '../openapi/answers.js';
import { openExtension } from '../openapi/route-marks.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const challenge = { 'WWW-Authenticate': { description: 'Bearer', schema: { type: 'string' } } };

/**
 * What the guard, and what stands behind it, may answer on every route; a route lists only its own. One may answer the
 * same status for reasons of its own.
 */
const refusals = {
  400: {
    ...problemResponse(400),
    description: 'Request could not be read, or holds an API key in its address',
  },
  401: { ...problemResponse(401), headers: challenge },
  403: { ...problemResponse(403), description: 'Without API keys: not from this machine' },
  429: problemResponse(429),
  503: problemResponse(503),
} as const;

/** What Fastify answers before a body has reached a route. */
const bodyRefusals = { 413: problemResponse(413), 415: problemResponse(415) } as const;

/** Writes into the document that routes take a key (none as long as there are none), and how they refuse. */
export function documentGuard(document: OpenAPIObject): void {
  document.components = {
    ...document.components,
    securitySchemes: {
      apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, once there is one' },
    },
  };
  for (const methods of Object.values(document.paths)) {
    for (const operation of Object.values(methods) as (Operation & { [openExtension]?: true })[]) {
      if (operation[openExtension]) delete operation[openExtension];
      else guard(operation);
    }
  }
}

function guard(operation: Operation): void {
  operation.security = [{}, { apiKey: [] }];
  const shared = { ...refusals, ...(operation.requestBody ? bodyRefusals : {}) };
  for (const [status, refusal] of Object.entries(shared)) operation.responses[status] ??= refusal;
}
