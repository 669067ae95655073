import { applyDecorators } from '@nestjs/common';
import { ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { z } from 'zod';
import { type HeaderName, headersOf } from './headers.js';

export interface AnswerOptions {
  /** What a successful answer carries beside the headers of its status. */
  headers?: readonly HeaderName[];
}

/** Documents what a route answers: the schema on success, the one error object for what no other route shares (auth/guard-document.ts). */
export function answers(
  success: number | number[],
  schema: z.ZodType,
  problems: readonly number[],
  { headers = [] }: AnswerOptions = {},
) {
  return applyDecorators(
    ...[success].flat().map((status) =>
      ApiResponse({
        status,
        description: meanings[status] ?? 'Answer',
        headers: headersOf(status, headers),
        standardSchema: schema,
      }),
    ),
    ...problems.map((status) => ApiResponse({ status, ...problemResponse(status) })),
  );
}

/** Where the document keeps answers that several operations give. */
export const sharedResponses = '#/components/responses/';

/** A status that comes with the one error object, as the document describes it. */
export const problemResponse = (status: number) => ({
  description: meanings[status] ?? 'Problem',
  headers: headersOf(status),
  content: { 'application/problem+json': { schema: { $ref: getSchemaPath('Failure') } } },
});

const meanings: Readonly<Record<number, string>> = {
  200: 'Done',
  201: 'Made',
  202: 'Accepted; it goes on after this answer',
  400: 'Request could not be read',
  401: 'No valid API key',
  403: 'Refused without an API key',
  404: 'Not there, or not yours',
  408: 'Request took too long to come',
  409: 'Not in this state',
  412: 'Changed since it was read',
  413: 'Body too large',
  415: 'Body of another media type',
  416: 'No such bytes',
  422: 'Not valid; "errors" points at each wrong field',
  429: 'Too many requests',
  431: 'Headers too large',
  503: 'Not available for now',
};
