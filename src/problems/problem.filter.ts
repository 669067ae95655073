import { Socket } from 'node:net';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Failure } from '../../job-types/contract/failure.js';
import { linger } from './linger.js';
import type { Problem } from './problems.js';
import { toProblem } from './to-problem.js';

/** Characters of what a 503 was caused by, as it is logged. */
const longestCause = 300;

export interface Exchange {
  request: FastifyRequest;
  reply: FastifyReply;
}

/** Every error leaves as the one error object (RFC 9457). */
export function replyWithProblem(error: unknown, exchange: Exchange): void {
  const failure = beginRefusal(error, exchange);
  void exchange.reply.type('application/problem+json').send(failure);
}

/** Logs what is our fault, and sets the status and the headers of a refusal, whatever body it is to have. */
export function beginRefusal(error: unknown, { request, reply }: Exchange): Failure {
  const problem = toProblem(error);
  const failure = problem.toFailure();
  if (failure.status >= 500) logRefusal(request, { problem, failure });
  if (failure.retryAfter !== undefined) void reply.header('retry-after', String(failure.retryAfter));
  void reply.headers(problem.options.headers ?? {}).status(failure.status);
  letFinish({ request, reply });
  return failure;
}

/** Fastify closes the connection behind a body it did not read to its end; the client may be sending it still. */
function letFinish({ request: { raw, headers }, reply }: Exchange): void {
  // One that waits for "100 Continue" sends nothing more.
  if (raw.complete || headers.expect !== undefined || !(raw.socket instanceof Socket)) return;
  void reply.removeHeader('connection');
  // Node closes at once where the client asked for it; it is closed all the same when the body has come.
  const ends = !reply.raw.shouldKeepAlive;
  reply.raw.shouldKeepAlive = true;
  linger(raw.socket, { isRead: () => raw.complete, ends });
}

/** Of a `RouteConfig`. A body is refused before there is a route's own filter. */
export interface RefusalConfig {
  refuse?: typeof replyWithProblem;
}

/** Why a request was put off, for its own line in the log. */
export interface PutOff {
  code: Failure['code'];
  cause: string;
}

const putOff = new WeakMap<FastifyRequest, PutOff>();

/** Undefined for a request that was not answered 503. */
export const putOffBy = (request: FastifyRequest): PutOff | undefined => putOff.get(request);

/** What will pass by itself adds to the line of its request. Many may come at once, and no stack tells more of them. */
function logRefusal(
  request: FastifyRequest,
  { problem, failure }: { problem: Problem; failure: Failure },
): void {
  const { status, code, title } = failure;
  const cause = problem.options.cause ?? problem;
  const said = cause instanceof Error ? cause.message : problem.message;
  if (status === 503) putOff.set(request, { code, cause: said.slice(0, longestCause) });
  else request.log.error({ err: cause }, title);
}

@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const { refuse = replyWithProblem } = request.routeOptions.config as RefusalConfig;
    refuse(error, { request, reply: http.getResponse<FastifyReply>() });
  }
}
