import { Controller, Delete, Get, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Store } from '../database/store.js';
import { answers, problemResponse } from '../openapi/answers.js';
import { Problem } from '../problems/problems.js';
import { newSecret } from './api-key.js';
import { Authenticator } from './authenticator.js';
import { callerOf } from './owner.js';
import { sessionCookie } from './session-cookie.js';

/** A working day: who has gone home is asked again. */
const sessionSeconds = 12 * 60 * 60;

const Session = z
  .object({
    owner: z.string(),
    keyId: z.string().nullable().meta({ description: 'Public id of the key; null where there are no keys' }),
    expiresAt: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'When the session ends; null for a request that came without one' }),
  })
  .meta({ id: 'Session' });
type Session = z.infer<typeof Session>;

/** A browser's own way to be known: a cookie that no script can read, in exchange for a key. */
@ApiTags('access')
@Controller('v1/session')
export class SessionController {
  constructor(
    private readonly store: Store,
    private readonly authenticator: Authenticator,
  ) {}

  @Post()
  @HttpCode(204)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'openSession',
    summary: 'Exchange the key in "Authorization" for a session cookie, which ends with the key',
  })
  @ApiResponse({
    status: 204,
    description: 'The cookie is set',
    headers: { 'Set-Cookie': { schema: { type: 'string' } } },
  })
  @ApiResponse({ status: 409, ...problemResponse(409) })
  async open(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const { owner, keyId, pass } = callerOf(request);
    // Of a session another could be made, and so on for ever.
    if (pass) throw new Problem('session-needs-key', 'A session opens no other.');
    if (keyId === null) throw new Problem('session-needs-key', 'There are no API keys.');
    const { id, key, hash } = newSecret('session');
    await this.store.passes.add({ id, hash, owner, keyId, job: null, seconds: sessionSeconds });
    void reply.header('set-cookie', sessionCookie(key, { asking: request, seconds: sessionSeconds }));
  }

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({ operationId: 'readSession', summary: 'Whose the request is' })
  @answers(200, Session, [])
  read(@Req() request: FastifyRequest): Session {
    const { owner, keyId, pass } = callerOf(request);
    return { owner, keyId, expiresAt: pass?.expiresAt.toISOString() ?? null };
  }

  @Delete()
  @HttpCode(204)
  @Header('cache-control', 'no-store')
  @ApiOperation({ operationId: 'endSession', summary: 'End the session, and the streams that it has opened' })
  @ApiResponse({ status: 204, description: 'There is none any more' })
  async end(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const { pass } = callerOf(request);
    void reply.header('set-cookie', sessionCookie('', { asking: request, seconds: 0 }));
    if (!pass) return;
    await this.store.passes.remove(pass.id);
    this.authenticator.forget(pass);
  }
}
