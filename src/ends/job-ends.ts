import { Injectable } from '@nestjs/common';
import type { Job } from '../../job-types/contract/job.js';
import { Store } from '../database/store.js';

/** The one `end` of an event log: written by whoever first reads the events after Temporal has closed the run. */
@Injectable()
export class JobEnds {
  constructor(private readonly store: Store) {}

  /**
   * Seals the log of a job that has ended. Harmless to repeat, and to do in several processes: a log takes one `end`,
   * and nothing after it.
   */
  async seal({ id, status, failure, finishedAt, owner, type, tags }: Job): Promise<void> {
    await this.store.events.append(id, [
      {
        key: 'end',
        type: 'end',
        time: finishedAt ?? new Date().toISOString(),
        data: { status, failureCode: failure?.code ?? null },
        about: { owner, type, tags },
      },
    ]);
    await this.store.events.announce([id], { owners: [owner] });
  }
}
