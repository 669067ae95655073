import {
  applyDecorators,
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
} from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { headersOf } from '../../openapi/headers.js';
import { problemResponse } from '../../openapi/answers.js';
import { beginRefusal } from '../../problems/problem.filter.js';
import { Refused, refused } from './answer.js';

/** Sends what goes wrong as a sentence, where FastAPI has it and where the clients of services look for it. */
@Catch()
export class ServiceFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (error instanceof HttpException) {
      void reply.status(error.getStatus()).send(refused(error.message));
      return;
    }
    const { detail, errors = [] } = beginRefusal(error, { request, reply });
    const [first] = errors;
    const where = first && `${first.pointer.split('/').slice(1).join('.')}: ${first.detail}.`;
    void reply.send(refused(where ? `The request cannot be used: ${where}` : detail));
  }
}

const meanings = {
  401: 'No valid API key',
  403: 'Refused without an API key',
  404: 'Not there',
  422: 'Cannot be used',
  429: 'Too many requests',
  503: 'Not available for now',
} as const;

/** Documents what a route of a service answers. */
export function answersAsService(
  success: { status: 200 | 202; schema: z.ZodType },
  errors: readonly (404 | 422)[],
) {
  const all = [...errors, 401, 403, 429, 503] as const;
  return applyDecorators(
    ApiResponse({ status: success.status, description: 'Done', standardSchema: success.schema }),
    ...all.map((status) =>
      ApiResponse({
        status,
        description: meanings[status],
        headers: headersOf(status),
        standardSchema: Refused,
      }),
    ),
    ApiResponse({ status: 400, ...problemResponse(400) }),
  );
}
