import type { Job } from '../../job-types/job.js';

/** Of all that is kept. */
const mostCharacters = 16_000_000;

/**
 * Jobs as they are sent. A reading is given to all who ask while it is shared, and to write it out costs more than all
 * the rest of a poll. A string, since Node sends one together with the headers, and a buffer as a second piece.
 */
export class WrittenJobs {
  private readonly written = new Map<Job, string>();
  private characters = 0;

  json(job: Job): string {
    const known = this.written.get(job);
    if (known) this.written.delete(job);
    const json = known ?? JSON.stringify(job);
    this.written.set(job, json);
    if (!known) this.characters += json.length;
    for (const [oldest, { length }] of this.written) {
      if (this.characters <= mostCharacters) break;
      this.written.delete(oldest);
      this.characters -= length;
    }
    return json;
  }
}
