import { Injectable } from '@nestjs/common';
import type { Job } from '../../job-types/contract/job.js';
import { Problem } from '../problems/problems.js';
import type { Keyed } from './idempotency.js';
import { JobReader } from '../reading/job-reader.js';

/** The jobs that keyed submits have started, in Temporal or, once it has forgotten them, in the archive. */
@Injectable()
export class Replays {
  constructor(private readonly reader: JobReader) {}

  /**
   * The job an earlier submit with the same key has started, as it is now; null when there was none.
   * @throws {Problem} idempotency-key-reused
   */
  async find({ jobId, fingerprint }: Keyed, owner: string): Promise<Job | null> {
    const found = await this.reader.find(jobId);
    if (!found || found.job.owner !== owner) return null;
    if (found.fingerprint === fingerprint) return found.job;
    throw new Problem('idempotency-key-reused', 'This Idempotency-Key was used before, with another body.', {
      job: jobId,
    });
  }
}
