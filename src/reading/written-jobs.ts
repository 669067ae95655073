import { LRUCache } from 'lru-cache';
import type { Job } from '../../job-types/contract/job.js';
import { keep } from './keep.js';

/** Of all that is kept, the jobs included: each is held by its text, also when nobody reads it any more. */
const mostBytes = 16_000_000;
/** What a job takes besides its text, for each byte of that. */
const jobsShare = 3;

/**
 * Jobs as they are sent. A job is given to all who ask while it is shared. To write it out costs more than all the
 * rest of a poll. Bytes, since a text with one character beyond Latin costs as much again each time it is encoded.
 */
export class WrittenJobs {
  private readonly written = new LRUCache<Job, Buffer>({ maxSize: mostBytes });

  json(job: Job): Buffer {
    const known = this.written.get(job);
    if (known) return known;
    const json = Buffer.from(JSON.stringify(job));
    keep(this.written, job, { value: json, weight: (1 + jobsShare) * json.length });
    return json;
  }
}
