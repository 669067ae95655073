import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toProblem } from './to-problem.js';

/** Every error leaves as the one error object (RFC 9457). */
export function replyWithProblem(
  error: unknown,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): void {
  const problem = toProblem(error);
  const failure = problem.toFailure();
  if (failure.status >= 500) request.log.error({ err: problem.options.cause ?? problem }, failure.title);
  if (failure.retryAfter !== undefined) void reply.header('retry-after', String(failure.retryAfter));
  void reply.headers(problem.options.headers ?? {});
  void reply.status(failure.status).type('application/problem+json').send(failure);
}

@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    replyWithProblem(error, {
      request: http.getRequest<FastifyRequest>(),
      reply: http.getResponse<FastifyReply>(),
    });
  }
}
