import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Job } from '../../job-types/contract/job.js';
import { KeyId, Owner } from '../auth/owner.js';
import { Budget } from '../openapi/route-marks.js';
import { answerLimit } from '../limits.js';
import { answers } from '../openapi/answers.js';
import { takes } from '../openapi/takes.js';
import { Answerer, InputRequest } from './answerer.js';
import { Forker, ForkRequest } from './forker.js';
import { inTime } from '../reading/in-time.js';
import { JobLister, JobList, JobListQuery } from './job-list.js';
import { CheckedRequest } from './job-request.js';
import { JobWatch } from '../reading/job-watch.js';
import { JobId, preferHeader } from '../reading/job-route.js';
import { JobsService } from './jobs.service.js';
import { Rerunner } from './rerunner.js';
import { Retrier } from './retrier.js';

const keyHeader = {
  name: 'idempotency-key',
  required: false,
  schema: { type: 'string', maxLength: 255 },
};

@ApiTags('jobs')
@Controller('v1/jobs')
export class JobsController {
  constructor(
    private readonly jobs: JobsService,
    private readonly watch: JobWatch,
    private readonly lister: JobLister,
    private readonly answerer: Answerer,
    private readonly retrier: Retrier,
    private readonly rerunner: Rerunner,
    private readonly forker: Forker,
  ) {}

  @Post()
  @HttpCode(202)
  @Budget('submit')
  @ApiOperation({ operationId: 'submitJob', summary: 'Submit a job' })
  @ApiHeader({
    ...keyHeader,
    description:
      'A repeated submit with the same key and body answers the same job, however often and whenever',
  })
  @ApiHeader(preferHeader)
  @takes('JobRequest')
  @answers(202, Job, [409, 422], {
    headers: ['Location', 'Idempotency-Replayed', 'Preference-Applied'],
  })
  @answers(200, z.union([Job, CheckedRequest]), [])
  async submit(
    @Body() body: unknown,
    @Owner() owner: string,
    @KeyId() by: string | null,
    @Headers('idempotency-key') key: string | undefined,
    @Headers('prefer') preferences: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Job | CheckedRequest> {
    const submitted = await this.jobs.submit(body, { owner, by, key });
    if ('valid' in submitted) {
      void reply.status(200);
      return submitted;
    }
    const { job, how } = submitted;
    if (key !== undefined) void reply.header('idempotency-replayed', String(how === 'replayed'));
    return inTime(job, { watch: this.watch, owner, preferences, reply });
  }

  @Get()
  @ApiOperation({
    operationId: 'listJobs',
    summary: 'List jobs: open ones first, newest first, then finished ones, last ended first',
  })
  @answers(200, JobList, [422])
  list(@Query({ schema: JobListQuery }) query: JobListQuery, @Owner() owner: string): Promise<JobList> {
    return this.lister.list(query, owner);
  }

  @Post(':id/input')
  @HttpCode(200)
  @RouteConfig({ ownBodyLimit: answerLimit })
  @ApiOperation({ operationId: 'answerJob', summary: 'Answer a job that waits' })
  @answers(200, Job, [404, 409, 422])
  answer(
    @Param('id', { schema: JobId }) id: string,
    @Body({ schema: InputRequest }) request: InputRequest,
    @Owner() owner: string,
    @KeyId() by: string | null,
  ): Promise<Job> {
    return this.answerer.answer(id, { owner, by, request });
  }

  @Post(':id/retry')
  @HttpCode(202)
  @Budget('submit')
  @ApiOperation({
    operationId: 'retryJob',
    summary: 'A new job that does what this one did not get to; what is done is not done or paid again',
  })
  @ApiHeader(preferHeader)
  @answers([200, 202], Job, [404, 409, 410])
  async retry(
    @Param('id', { schema: JobId }) id: string,
    @Owner() owner: string,
    @KeyId() by: string | null,
    @Headers('prefer') preferences: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Job> {
    const job = await this.retrier.retry(id, { owner, by });
    return inTime(job, { watch: this.watch, owner, preferences, reply });
  }

  @Post(':id/rerun')
  @HttpCode(202)
  @Budget('submit')
  @ApiOperation({
    operationId: 'rerunJob',
    summary: 'A new job that does all of this one again; nothing is reused',
  })
  @ApiHeader({ ...keyHeader, description: 'A repeated call with the same key answers the same job' })
  @ApiHeader(preferHeader)
  @answers([200, 202], Job, [404, 409, 410, 422], { headers: ['Idempotency-Replayed'] })
  async rerun(
    @Param('id', { schema: JobId }) id: string,
    @Owner() owner: string,
    @KeyId() by: string | null,
    @Headers('idempotency-key') key: string | undefined,
    @Headers('prefer') preferences: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Job> {
    const { job, how } = await this.rerunner.rerun(id, { owner, by, key });
    if (key !== undefined) void reply.header('idempotency-replayed', String(how === 'replayed'));
    return inTime(job, { watch: this.watch, owner, preferences, reply });
  }

  @Post(':id/fork')
  @HttpCode(202)
  @Budget('submit')
  @ApiOperation({
    operationId: 'forkJob',
    summary: 'A new job that begins at a step, with what the steps before it have left',
  })
  @ApiHeader({ ...keyHeader, description: 'A repeated call with the same key answers the same job' })
  @ApiHeader(preferHeader)
  @answers([200, 202], Job, [404, 409, 410, 422], { headers: ['Idempotency-Replayed'] })
  async fork(
    @Param('id', { schema: JobId }) id: string,
    @Body({ schema: ForkRequest }) request: ForkRequest,
    @Owner() owner: string,
    @KeyId() by: string | null,
    @Headers('idempotency-key') key: string | undefined,
    @Headers('prefer') preferences: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Job> {
    const { job, how } = await this.forker.fork(id, { owner, by, key, request });
    if (key !== undefined) void reply.header('idempotency-replayed', String(how === 'replayed'));
    return inTime(job, { watch: this.watch, owner, preferences, reply });
  }
}
