import { Body, Controller, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Job } from '../../job-types/contract/job.js';
import { KeyId, Owner } from '../auth/owner.js';
import { answers } from '../openapi/answers.js';
import { ForTokens } from '../openapi/route-marks.js';
import { inTime } from '../reading/in-time.js';
import { JobId, preferHeader } from '../reading/job-route.js';
import { JobWatch } from '../reading/job-watch.js';
import { CancelRequest } from './cancel-request.js';
import { Canceller } from './canceller.js';

@ApiTags('jobs')
@Controller('v1/jobs')
export class CancelController {
  constructor(
    private readonly canceller: Canceller,
    private readonly watch: JobWatch,
  ) {}

  @Post(':id/cancel')
  @ForTokens({ access: 'read-and-cancel' })
  @HttpCode(202)
  @ApiOperation({ operationId: 'cancelJob', summary: 'Stop a job; 200 when it has already ended' })
  @ApiHeader(preferHeader)
  @answers([200, 202], Job, [404, 422])
  async cancel(
    @Param('id', { schema: JobId }) id: string,
    @Body({ schema: CancelRequest.optional() }) request: CancelRequest | undefined,
    @Owner() owner: string,
    @KeyId() by: string | null,
    @Headers('prefer') preferences: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Job> {
    const asked = request ?? CancelRequest.parse({});
    const job = await this.canceller.cancel(id, { owner, by, request: asked });
    return inTime(job, { watch: this.watch, owner, preferences, reply });
  }
}
