import { Body, Controller, Header, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { newSecret } from '../auth/api-key.js';
import { callerOf } from '../auth/owner.js';
import { Store } from '../database/store.js';
import { answers } from '../openapi/answers.js';
import { JobReader } from '../reading/job-reader.js';
import { JobId } from '../reading/job-route.js';

/** Long enough for a page to be opened, and too short to be worth stealing; a page asks its own server for the next. */
const tokenSeconds = 15 * 60;

const access = z.enum(['read', 'read-and-cancel']).meta({
  description: 'read: the job, its result and its events; read-and-cancel: its cancel as well',
});

export const TokenRequest = z.strictObject({ access: access.default('read') }).meta({ id: 'TokenRequest' });
type TokenRequest = z.infer<typeof TokenRequest>;

const JobToken = z
  .object({
    token: z.string().meta({ description: 'For "Authorization: Bearer <token>"; shown this once' }),
    job: z.string(),
    access,
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'JobToken' });
type JobToken = z.infer<typeof JobToken>;

@ApiTags('jobs')
@Controller('v1/jobs')
export class TokensController {
  constructor(
    private readonly store: Store,
    private readonly reader: JobReader,
  ) {}

  @Post(':id/tokens')
  @HttpCode(201)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'lendJob',
    summary: 'Make a token for this job alone, for the page of somebody else: it ends after 15 minutes',
  })
  @answers(201, JobToken, [404, 422])
  async lend(
    @Param('id', { schema: JobId }) id: string,
    @Body({ schema: TokenRequest.optional() }) request: TokenRequest | undefined,
    @Req() asked: FastifyRequest,
  ): Promise<JobToken> {
    const { owner, keyId } = callerOf(asked);
    await this.reader.read(id, owner);
    const job = { id, access: request?.access ?? 'read' } as const;
    const { id: tokenId, key, hash } = newSecret('token');
    const lent = { id: tokenId, hash, owner, keyId, job, seconds: tokenSeconds };
    const { expiresAt } = await this.store.passes.add(lent);
    return { token: key, job: id, access: job.access, expiresAt: expiresAt.toISOString() };
  }
}
