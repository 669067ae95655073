import type { Job } from '../../job-types/job.js';

/** Of all that is kept. */
const mostBytes = 16_000_000;

/**
 * Jobs as they are sent. A reading is given to all who ask while it is shared, and to write it out costs more than all
 * the rest of a poll. Bytes, since a text with one character beyond Latin costs as much again each time it is encoded.
 */
export class WrittenJobs {
  private readonly written = new Map<Job, Buffer>();
  private bytes = 0;

  json(job: Job): Buffer {
    const known = this.written.get(job);
    if (known) this.written.delete(job);
    const json = known ?? Buffer.from(JSON.stringify(job));
    this.written.set(job, json);
    if (!known) this.bytes += json.length;
    for (const [oldest, { length }] of this.written) {
      if (this.bytes <= mostBytes) break;
      this.written.delete(oldest);
      this.bytes -= length;
    }
    return json;
  }
}
