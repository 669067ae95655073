import {
  Body,
  Controller,
  Get,
  Header,
  Headers,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  Res,
  UseInterceptors,
} from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Job, isFinal } from '../../job-types/contract/job.js';
import { KeyId, Owner } from '../auth/owner.js';
import { Budget } from '../openapi/route-marks.js';
import { answers } from '../openapi/answers.js';
import { Problem } from '../problems/problems.js';
import { Answerer, InputRequest } from './answerer.js';
import { inTime } from '../reading/in-time.js';
import { etagOf, matches, retryAfter } from '../reading/job-headers.js';
import { JobLister, JobList, JobListQuery } from './job-list.js';
import { JobReader } from '../reading/job-reader.js';
import { CheckedRequest, JobRequest } from './job-request.js';
import { JobWatch } from '../reading/job-watch.js';
import { JobId, preferHeader } from '../reading/job-route.js';
import { JobsService } from './jobs.service.js';
import { preferredWait } from '../reading/prefer.js';
import { type KeyedRequest, ReplayInterceptor } from './replay.interceptor.js';
import { Rerunner } from './rerunner.js';
import { Retrier } from './retrier.js';
import { WrittenJobs } from '../reading/written-jobs.js';

const keyHeader = {
  name: 'idempotency-key',
  required: false,
  schema: { type: 'string', maxLength: 255 },
};

@ApiTags('jobs')
@Controller('v1/jobs')
export class JobsController {
  private readonly written = new WrittenJobs();

  constructor(
    private readonly jobs: JobsService,
    private readonly reader: JobReader,
    private readonly watch: JobWatch,
    private readonly lister: JobLister,
    private readonly answerer: Answerer,
    private readonly retrier: Retrier,
    private readonly rerunner: Rerunner,
  ) {}

  @Post()
  @HttpCode(202)
  @Budget('submit')
  @UseInterceptors(ReplayInterceptor)
  @ApiOperation({ operationId: 'submitJob', summary: 'Submit a job' })
  @ApiHeader({
    ...keyHeader,
    description:
      'A repeated submit with the same key and body answers the same job, however often and whenever',
  })
  @ApiHeader(preferHeader)
  @answers(202, Job, [400, 409, 413, 415, 422, 429, 503], {
    headers: ['Location', 'Idempotency-Replayed', 'Preference-Applied'],
  })
  @answers(200, z.union([Job, CheckedRequest]), [])
  async submit(
    @Body({ schema: JobRequest }) request: JobRequest,
    @Owner() owner: string,
    @KeyId() by: string | null,
    @Req() { keyed }: KeyedRequest,
    @Headers('prefer') preferences: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Job | CheckedRequest> {
    if (request.validateOnly) {
      void reply.status(200);
      return this.jobs.check(request);
    }
    const { job, how } = await this.jobs.submit(request, { owner, by, keyed });
    if (keyed) void reply.header('idempotency-replayed', String(how === 'replayed'));
    return inTime(job, { watch: this.watch, owner, preferences, reply });
  }

  @Get()
  @ApiOperation({
    operationId: 'listJobs',
    summary: 'List jobs: open ones first, newest first, then finished ones, last ended first',
  })
  @answers(200, JobList, [422, 503])
  list(@Query({ schema: JobListQuery }) query: JobListQuery, @Owner() owner: string): Promise<JobList> {
    return this.lister.list(query, owner);
  }

  @Get(':id')
  @Header('cache-control', 'private, no-cache')
  @ApiOperation({ operationId: 'readJob', summary: 'Read a job' })
  @ApiHeader({
    ...preferHeader,
    description:
      'wait=n: hold the answer until the job has ended, or, with If-None-Match, until it has changed',
  })
  @ApiHeader({ name: 'if-none-match', required: false, schema: { type: 'string' } })
  @answers(200, Job, [404, 503], { headers: ['ETag', 'Retry-After', 'Preference-Applied'] })
  @ApiResponse({ status: 304, description: 'Not changed since If-None-Match' })
  async read(
    @Param('id', { schema: JobId }) id: string,
    @Owner() owner: string,
    @Req() { headers }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer | undefined> {
    const seconds = preferredWait(headers['prefer']);
    const seen = headers['if-none-match'];
    const wanted = (job: Job) => isFinal(job.status) || (seen !== undefined && !matches(seen, etagOf(job)));
    const job = await this.watch.until(id, { owner, seconds, wanted });
    const etag = etagOf(job);
    void reply.header('etag', etag);
    if (seconds > 0) void reply.header('preference-applied', `wait=${seconds}`);
    const after = retryAfter(job);
    if (after !== null) void reply.header('retry-after', String(after));
    if (matches(seen, etag)) {
      void reply.status(304);
      return undefined;
    }
    void reply.header('content-type', 'application/json; charset=utf-8');
    return this.written.json(job);
  }

  @Get(':id/result')
  @Header('cache-control', 'no-store')
  @ApiOperation({ operationId: 'readResult', summary: 'The result alone' })
  @answers(200, z.unknown().meta({ description: "As the job type's result schema says" }), [404, 409, 503])
  async result(@Param('id', { schema: JobId }) id: string, @Owner() owner: string): Promise<Job['result']> {
    const job = await this.reader.read(id, owner);
    if (!isFinal(job.status)) {
      throw new Problem('not-finished', `The job is ${job.status}.`, { retryAfter: retryAfter(job) ?? 1 });
    }
    if (job.status !== 'succeeded') throw new Problem('no-result', `The job ended ${job.status}.`);
    return job.result;
  }

  @Post(':id/input')
  @HttpCode(200)
  @ApiOperation({ operationId: 'answerJob', summary: 'Answer a job that waits' })
  @answers(200, Job, [400, 404, 409, 413, 415, 422, 503])
  answer(
    @Param('id', { schema: JobId }) id: string,
    @Body({ schema: InputRequest }) request: InputRequest,
    @Owner() owner: string,
  ): Promise<Job> {
    return this.answerer.answer(id, { owner, request });
  }

  @Post(':id/retry')
  @HttpCode(202)
  @Budget('submit')
  @ApiOperation({
    operationId: 'retryJob',
    summary: 'A new job that does what this one did not get to; what is done is not done or paid again',
  })
  @ApiHeader(preferHeader)
  @answers([200, 202], Job, [404, 409, 410, 429, 503])
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
  @answers([200, 202], Job, [400, 404, 409, 410, 422, 429, 503], { headers: ['Idempotency-Replayed'] })
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
}
