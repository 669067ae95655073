import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, of } from 'rxjs';
import { isFinal } from '../../job-types/job.js';
import type { Job } from '../../job-types/job.js';
import { callerOf } from '../auth/owner.js';
import { type Keyed, keyed } from './idempotency.js';
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
  constructor(private readonly replays: Replays) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest & KeyedRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const header = request.headers['idempotency-key'];
    if (typeof header !== 'string') return next.handle();
    const { owner } = callerOf(request);
    request.keyed = keyed(header, { owner, body: request.body });
    const job = await this.replays.find(request.keyed, owner);
    if (!job) return next.handle();
    return of(answerReplay(job, reply));
  }
}

/** A replay says so, and has the status that fits the job as it is now. */
export function answerReplay(job: Job, reply: FastifyReply): Job {
  void reply
    .status(isFinal(job.status) ? 200 : 202)
    .headers({ 'idempotency-replayed': 'true', location: job.links.self });
  return job;
}
