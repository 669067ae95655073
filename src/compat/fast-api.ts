import {
  applyDecorators,
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
} from '@nestjs/common';
import { ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Failure } from '../../job-types/contract/failure.js';
import { problemResponse } from '../openapi/answers.js';
import { headersOf } from '../openapi/headers.js';
import { beginRefusal } from '../problems/problem.filter.js';

/** An error as FastAPI sends it. */
const Detail = z.object({ detail: z.string() }).meta({ id: 'Detail' });

/** A refused body as FastAPI sends it: where each fault is, from the part of the request inwards. */
const ValidationDetail = z
  .object({
    detail: z.array(
      z.object({ loc: z.array(z.union([z.string(), z.int()])), msg: z.string(), type: z.string() }),
    ),
  })
  .meta({ id: 'ValidationDetail' });

/** A fault that a person can cause by typing is told in a sentence. */
const Refusal = z.union([ValidationDetail, Detail]);

/** Sends what goes wrong in a controller as the FastAPI system would that it stands in for: what Nest names, word by word. */
@Catch()
export class FastApiFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (error instanceof HttpException) {
      void reply.status(error.getStatus()).send({ detail: error.message });
      return;
    }
    const { detail, errors } = beginRefusal(error, { request, reply });
    const part = request.method === 'GET' ? 'query' : 'body';
    void reply.send(errors ? toValidationDetail(errors, part) : { detail });
  }
}

/** @param part of the request that the faults are in */
function toValidationDetail(
  errors: NonNullable<Failure['errors']>,
  part: 'query' | 'body',
): z.infer<typeof ValidationDetail> {
  const located = errors.map(({ pointer, detail }) => ({
    loc: [part, ...pointer.split('/').slice(1).map(step)],
    msg: detail,
    type: 'value_error',
  }));
  return { detail: located };
}

function step(escaped: string): string | number {
  const name = escaped.replaceAll('~1', '/').replaceAll('~0', '~');
  return /^\d+$/.test(name) ? Number(name) : name;
}

const meanings = {
  401: 'No valid API key',
  403: 'Refused without an API key',
  404: 'Not there',
  422: 'Body is not valid',
  429: 'Too many requests',
  503: 'Not available for now',
} as const;

/** Documents what a route of such a system answers that streams. */
export const answersStreamAsFastApi = () =>
  applyDecorators(
    answersAsFastApi(null, [422]),
    ApiResponse({
      status: 200,
      description: 'Tokens as they come, then [DONE]; an error frame ends the stream without it',
      content: {
        'text/event-stream': {
          schema: { type: 'string', example: 'data: {"token": "Hello"}\n\ndata: [DONE]\n\n' },
        },
      },
    }),
  );

/**
 * Documents what a route of such a system answers: its own schema, and its own form of errors. A body that is refused
 * before anybody knows whose route it is for is a problem as everywhere.
 * @param schema null where its success is said elsewhere
 */
export function answersAsFastApi(schema: z.ZodType | null, errors: readonly (404 | 422)[]) {
  const own = [...errors, 401, 403, 429, 503] as const;
  return applyDecorators(
    ...(schema ? [ApiResponse({ status: 200, description: 'Done', standardSchema: schema })] : []),
    ...own.map((status) =>
      ApiResponse({
        status,
        description: meanings[status],
        headers: headersOf(status),
        standardSchema: status === 422 ? Refusal : Detail,
      }),
    ),
    ApiResponse({
      status: 400,
      ...problemResponse(400),
      content: {
        ...problemResponse(400).content,
        'application/json': { schema: { $ref: getSchemaPath('Detail') } },
      },
    }),
  );
}
