import { Injectable, Logger } from '@nestjs/common';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Job } from '../../job-types/contract/job.js';
import { JobEnds } from '../ends/job-ends.js';
import { Problem } from '../problems/problems.js';
import { JobReader } from '../reading/job-reader.js';
import { Copies, type CopyCall } from './copies.js';
import { JobStarter } from './job-starter.js';

/** Makes a new job of one that did not succeed: same input, same receipts, so that what is done is not done again. */
@Injectable()
export class Retrier {
  private readonly logger = new Logger('jobs');

  constructor(
    private readonly reader: JobReader,
    private readonly copies: Copies,
    private readonly starter: JobStarter,
    private readonly ends: JobEnds,
  ) {}

  /**
   * The retry of a job has one id, so that repeating the call makes no second one.
   * @throws {Problem} not-finished, already-succeeded, input-gone, queue-full
   */
  async retry(jobId: string, { owner, by }: CopyCall): Promise<Job> {
    const job = await this.copies.ended(jobId, owner);
    await this.recorded(jobId);
    if (job.status === 'succeeded') throw new Problem('already-succeeded', 'The job succeeded.');
    const id = nextId(jobId);
    const again = await this.reader.find(id);
    if (again) {
      await this.starter.foundStarted(again.run);
      return again.job;
    }
    try {
      const original = await this.copies.original(jobId);
      return await this.copies.start(id, { original, by, retryOf: jobId });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return this.reader.read(id, owner);
    }
  }

  /** What the old job's steps still write does not count from its record on, and the new job finds all that does. */
  private async recorded(jobId: string): Promise<void> {
    try {
      await this.ends.seeTo(jobId);
    } catch (error) {
      this.logger.warn(`${jobId} is retried before its end is recorded: ${String(error)}`);
    }
  }
}

/** `<root>`, `<root>.r1`, `<root>.r2`: the receipts are the root's. */
function nextId(jobId: string): string {
  const [, root = jobId, count = '0'] = /^(.*?)(?:\.r(\d+))?$/.exec(jobId) ?? [];
  return `${root}.r${Number(count) + 1}`;
}
