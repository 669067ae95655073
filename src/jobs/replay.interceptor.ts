import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, of } from 'rxjs';
import { callerOf } from '../auth/owner.js';
import { type Keyed, keyed } from './idempotency.js';
import { inTime } from '../reading/in-time.js';
import { JobWatch } from '../reading/job-watch.js';
import { Replays } from './replays.js';

/** Where the handler finds what the interceptor made of the Idempotency-Key. */
export interface KeyedRequest {
  keyed?: Keyed;
}

/**
 * Answers a repeated submit before any other rule applies: before the body is checked against rules that may have
 * changed since, and before it takes a place in a queue.
 */
@Injectable()
export class ReplayInterceptor implements NestInterceptor {
  constructor(
    private readonly replays: Replays,
    private readonly watch: JobWatch,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest & KeyedRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const header = request.headers['idempotency-key'];
    if (typeof header !== 'string') return next.handle();
    const { owner } = callerOf(request);
    request.keyed = keyed(header, { owner, body: request.body });
    const job = await this.replays.find(request.keyed, owner);
    if (!job) return next.handle();
    void reply.header('idempotency-replayed', 'true');
    const preferences = request.headers['prefer'];
    return of(await inTime(job, { watch: this.watch, owner, preferences, reply }));
  }
}
