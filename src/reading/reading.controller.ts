import { Controller, Get, Header, Param, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Job, isFinal } from '../../job-types/contract/job.js';
import { Owner } from '../auth/owner.js';
import { answers } from '../openapi/answers.js';
import { ForTokens } from '../openapi/route-marks.js';
import { Problem } from '../problems/problems.js';
import { etagOf, matches, retryAfter } from './job-headers.js';
import { JobReader } from './job-reader.js';
import { JobId, preferHeader } from './job-route.js';
import { JobWatch } from './job-watch.js';
import { preferredWait } from './prefer.js';
import { WrittenJobs } from './written-jobs.js';

@ApiTags('jobs')
@Controller('v1/jobs')
export class ReadingController {
  private readonly written = new WrittenJobs();

  constructor(
    private readonly reader: JobReader,
    private readonly watch: JobWatch,
  ) {}

  @Get(':id')
  @ForTokens({ access: 'read' })
  @Header('cache-control', 'private, no-cache')
  @ApiOperation({ operationId: 'readJob', summary: 'Read a job' })
  @ApiHeader({
    ...preferHeader,
    description:
      'wait=n: hold the answer until the job has ended, or, with If-None-Match, until it has changed',
  })
  @ApiHeader({ name: 'if-none-match', required: false, schema: { type: 'string' } })
  @answers(200, Job, [404], { headers: ['ETag', 'Retry-After', 'Preference-Applied'] })
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
  @ForTokens({ access: 'read' })
  @Header('cache-control', 'no-store')
  @ApiOperation({ operationId: 'readResult', summary: 'The result alone' })
  @answers(200, z.unknown().meta({ description: "As the job type's result schema says" }), [404, 409])
  async result(@Param('id', { schema: JobId }) id: string, @Owner() owner: string): Promise<Job['result']> {
    const job = await this.reader.read(id, owner);
    if (!isFinal(job.status)) {
      throw new Problem('not-finished', `The job is ${job.status}.`, { retryAfter: retryAfter(job) ?? 1 });
    }
    if (job.status !== 'succeeded') throw new Problem('no-result', `The job ended ${job.status}.`);
    return job.result;
  }
}
