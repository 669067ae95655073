import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from './authenticator.js';

const callers = new WeakMap<FastifyRequest, Caller>();

export function rememberCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

/** Who asks. @throws on a route that the guard lets everybody use */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (!caller) throw new Error('This route is open, and its requests have no owner.');
  return caller;
}

export const ownerOf = (request: FastifyRequest): string => callerOf(request).owner;

/** The owner of the request, as an argument of a handler. */
export const Owner = createParamDecorator((_: unknown, context: ExecutionContext) =>
  ownerOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** The public id of the key that the request came with, null without keys, as an argument of a handler. */
export const KeyId = createParamDecorator(
  (_: unknown, context: ExecutionContext) =>
    callerOf(context.switchToHttp().getRequest<FastifyRequest>()).keyId,
);
