import type { Job } from '../../job-types/contract/job.js';
import { RecentlyUsed } from '../recently-used.js';

/** Of all that is kept. */
const mostBytes = 16_000_000;

/**
 * Jobs as they are sent. A reading is given to all who ask while it is shared, and to write it out costs more than all
 * the rest of a poll. Bytes, since a text with one character beyond Latin costs as much again each time it is encoded.
 */
export class WrittenJobs {
  private readonly written = new RecentlyUsed<Job, Buffer>({ count: Infinity, weight: mostBytes });

  json(job: Job): Buffer {
    const known = this.written.use(job);
    if (known) return known;
    const json = Buffer.from(JSON.stringify(job));
    this.written.add(job, json, { weight: json.length });
    return json;
  }
}
