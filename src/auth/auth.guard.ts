import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authenticator } from './authenticator.js';
import { rememberCaller } from './owner.js';
import { RateLimits } from './rate-limits.js';
import { budgetOf, isOpen, tokenUseOf } from '../openapi/route-marks.js';
import { keepToJob } from './job-token.js';

/** In front of every route that is not marked `@Open()`: who asks, and whether they have asked too often. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly limits: RateLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (isOpen(context)) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const caller = await this.authenticator.authenticate(request);
    keepToJob(caller.pass, { use: tokenUseOf(context), params: request.params });
    rememberCaller(request, caller);
    void reply.headers(await this.limits.take(budgetOf(context), caller.owner));
    return true;
  }
}
