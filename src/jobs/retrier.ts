import { Injectable } from '@nestjs/common';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Job } from '../../job-types/contract/job.js';
import { Problem } from '../problems/problems.js';
import { JobReader } from '../reading/job-reader.js';
import { Copies, type CopyCall } from './copies.js';
import { JobStarter } from './job-starter.js';

/** Makes a new job of one that did not succeed: same input, same receipts, so that what is done is not done again. */
@Injectable()
export class Retrier {
  constructor(
    private readonly reader: JobReader,
    private readonly copies: Copies,
    private readonly starter: JobStarter,
  ) {}

  /**
   * The retry of a job has one id, so that repeating the call makes no second one.
   * @throws {Problem} not-finished, already-succeeded, input-gone, queue-full
   */
  async retry(jobId: string, { owner, by }: CopyCall): Promise<Job> {
    const job = await this.copies.ended(jobId, owner);
    if (job.status === 'succeeded') throw new Problem('already-succeeded', 'The job succeeded.');
    const id = nextId(jobId);
    const again = await this.reader.find(id);
    if (again) {
      this.starter.foundStarted(again.run);
      return again.job;
    }
    try {
      return await this.copies.start(id, { of: jobId, by, retryOf: jobId });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return this.reader.read(id, owner);
    }
  }
}

/** `<root>`, `<root>.r1`, `<root>.r2`: the receipts are the root's. */
function nextId(jobId: string): string {
  const [, root = jobId, count = '0'] = /^(.*?)(?:\.r(\d+))?$/.exec(jobId) ?? [];
  return `${root}.r${Number(count) + 1}`;
}
