import { Injectable } from '@nestjs/common';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Place } from '../../store/concurrency.js';
import { Store } from '../store.js';
import { TemporalClient } from '../temporal/temporal-client.js';

/** Concurrency keys whose holder never came to its own last step, where a job hands its key on. */
@Injectable()
export class Turns {
  constructor(
    private readonly store: Store,
    private readonly temporal: TemporalClient,
  ) {}

  /**
   * Gives up the place of a job that has ended, or is not to be started, and tells the job whose turn it is now.
   * @param holder who was first before, where that is known: its turn has not come by this
   */
  async handOn(place: Place, holder?: string): Promise<void> {
    const next = await this.store.concurrency.release(place);
    if (next !== null && next !== holder) await this.call(next);
  }

  /** A job that is not started yet, or has just closed itself, needs no call. */
  private async call(jobId: string): Promise<void> {
    try {
      await this.temporal.call((client) => client.workflow.getHandle(jobId).signal('turn'));
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
}
