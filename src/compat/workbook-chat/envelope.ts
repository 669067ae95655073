import { randomUUID } from 'node:crypto';
import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  applyDecorators,
} from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { headersOf } from '../../openapi/headers.js';
import { type Exchange, beginRefusal } from '../../problems/problem.filter.js';

const Meta = z
  .object({
    api_version: z.string(),
    locale: z.string(),
    request_id: z.string(),
    requested_time: z.iso.datetime(),
  })
  .meta({ id: 'WorkbookMeta' });

/** What every answer of that system is put into. */
const enveloped = (data: z.ZodType) =>
  z.object({
    data,
    message: z.string(),
    meta: Meta,
    status_code: z.int().meta({ description: 'The HTTP status' }),
    total: z.int(),
  });

const Fault = z.object({ pointer: z.string(), detail: z.string() });

const Refused = enveloped(
  z.object({
    error_type: z.string(),
    details: z.object({ errors: z.array(Fault) }),
    bot_response: z.string().meta({ description: 'What its clients show' }),
  }),
)
  .extend({ error: z.string() })
  .meta({ id: 'WorkbookRefusal' });

interface Told {
  data: unknown;
  message: string;
  status: number;
  /** How many things there are in it. */
  total?: number;
}

/** An answer as that system sends it. */
export const envelope = ({ data, message, status, total = 1 }: Told) => ({
  data,
  message,
  meta: {
    api_version: 'v1',
    locale: 'en',
    request_id: randomUUID(),
    requested_time: new Date().toISOString(),
  },
  status_code: status,
  total,
});
export type Envelope = ReturnType<typeof envelope>;

/** Sends what goes wrong as that system does; its clients show the sentence of the bot and nothing else. */
export function refuseInEnvelope(error: unknown, exchange: Exchange): void {
  const { status, code, detail, errors = [] } = faultOf(error, exchange);
  const said = [detail, ...errors.slice(0, 5).map((one) => `${one.pointer}: ${one.detail}.`)].join(' ');
  const data = { error_type: code, details: { errors }, bot_response: said };
  const body = { ...envelope({ data, message: detail, status, total: 0 }), error: said };
  void exchange.reply.status(status).send(body);
}

@Catch()
export class EnvelopeFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    refuseInEnvelope(error, { request, reply: host.switchToHttp().getResponse<FastifyReply>() });
  }
}

interface Fault extends Pick<ReturnType<typeof beginRefusal>, 'status' | 'code' | 'detail' | 'errors'> {}

function faultOf(error: unknown, exchange: Exchange): Fault {
  if (!(error instanceof HttpException)) return beginRefusal(error, exchange);
  const status = error.getStatus();
  return { status, code: status === 404 ? 'not-found' : 'malformed-request', detail: error.message };
}

const meanings = {
  400: 'Nothing to do it with, or the body is not JSON',
  401: 'No valid API key',
  403: 'Refused without an API key',
  404: 'Not there',
  409: 'Not as things are',
  413: 'File is too large',
  415: 'File of another type',
  422: 'Not valid',
  429: 'Too many requests',
  503: 'Not available for now',
} as const;

/** Documents what a route of that system answers. */
export function answersInEnvelope(
  answers: Readonly<Record<number, z.ZodType>>,
  errors: readonly (keyof typeof meanings)[],
) {
  const all = [...new Set([...errors, 400, 401, 403, 422, 429, 503] as const)];
  return applyDecorators(
    ...Object.entries(answers).map(([status, schema]) =>
      ApiResponse({ status: Number(status), description: 'Done', standardSchema: enveloped(schema) }),
    ),
    ...all.map((status) =>
      ApiResponse({
        status,
        description: meanings[status],
        headers: headersOf(status),
        standardSchema: Refused,
      }),
    ),
  );
}
