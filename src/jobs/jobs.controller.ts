import { Body, Controller, Get, Header, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Job, isFinal } from '../../job-types/job.js';
import { answers } from '../openapi/answers.js';
import { Problem } from '../problems/problems.js';
import { JobLister, JobList, JobListQuery } from './job-list.js';
import { JobReader } from './job-reader.js';
import { CancelRequest, JobRequest } from './job-request.js';
import { JobsService } from './jobs.service.js';

const JobId = z.string().min(1).max(200).meta({ description: 'Id of the job', example: 'job_6f1c...' });

/** Whose jobs these are, as long as there are no keys. */
const owner = 'local';

/** Seconds after which a poll of an open job is likely to see something new. */
const pollAfter = '1';

@ApiTags('jobs')
@Controller('v1/jobs')
export class JobsController {
  constructor(
    private readonly jobs: JobsService,
    private readonly reader: JobReader,
    private readonly lister: JobLister,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'Submit a job' })
  @answers(202, Job, [400, 413, 415, 422, 503])
  async submit(
    @Body({ schema: JobRequest }) request: JobRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Job> {
    const job = await this.jobs.submit(request, owner);
    void reply.headers({ location: job.links.self, 'retry-after': pollAfter });
    return job;
  }

  @Get()
  @ApiOperation({ summary: 'List jobs: open ones first, newest first, then finished ones, last ended first' })
  @answers(200, JobList, [422, 503])
  list(@Query({ schema: JobListQuery }) query: JobListQuery): Promise<JobList> {
    return this.lister.list(query, owner);
  }

  @Get(':id')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Read a job' })
  @answers(200, Job, [404, 503])
  async read(
    @Param('id', { schema: JobId }) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Job> {
    const job = await this.reader.read(id, owner);
    if (!isFinal(job.status)) void reply.header('retry-after', pollAfter);
    return job;
  }

  @Get(':id/result')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'The result alone' })
  @answers(200, z.json(), [404, 409, 503])
  async result(@Param('id', { schema: JobId }) id: string): Promise<Job['result']> {
    const job = await this.reader.read(id, owner);
    if (!isFinal(job.status)) {
      throw new Problem('not-finished', `The job is ${job.status}.`, { retryAfter: Number(pollAfter) });
    }
    if (job.status !== 'succeeded') throw new Problem('no-result', `The job ended ${job.status}.`);
    return job.result;
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @ApiOperation({ summary: 'Ask a job to stop; 200 when it has already ended' })
  @answers([200, 202], Job, [400, 404, 413, 415, 422, 503])
  async cancel(
    @Param('id', { schema: JobId }) id: string,
    @Body({ schema: CancelRequest.optional() }) request: CancelRequest | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Job> {
    const job = await this.jobs.cancel(id, { owner, request: request ?? CancelRequest.parse({}) });
    if (isFinal(job.status)) void reply.status(200);
    else void reply.headers({ location: job.links.self, 'retry-after': pollAfter });
    return job;
  }
}
