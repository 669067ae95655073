import type { OpenAPIObject } from '@nestjs/swagger';
import { openExtension } from '../openapi/route-marks.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const retryAfter = { 'Retry-After': { description: 'Seconds', schema: { type: 'integer', minimum: 0 } } };
const challenge = { 'WWW-Authenticate': { description: 'Bearer', schema: { type: 'string' } } };

/** What the guard answers before a route is reached; a route may answer the same status for reasons of its own. */
const refusals = {
  400: { description: 'Request could not be read, or holds an API key in its address', headers: {} },
  401: { description: 'No valid API key', headers: challenge },
  403: { description: 'Without API keys: not from this machine', headers: {} },
  429: { description: 'Too many requests', headers: retryAfter },
  503: { description: 'Not available for now', headers: retryAfter },
} as const;

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
  for (const [status, refusal] of Object.entries(refusals)) {
    operation.responses[status] ??= {
      ...refusal,
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Failure' } } },
    };
  }
}
