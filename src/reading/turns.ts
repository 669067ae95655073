import { Injectable } from '@nestjs/common';
import type { Place } from '../../store/concurrency.js';
import { Store } from '../database/store.js';
import { TemporalClient } from '../temporal/temporal-client.js';
import { callTurn, isOpen } from '../temporal/turn-calls.js';

/** Concurrency keys whose holder never came to its own last step, where a job hands its key on. */
@Injectable()
export class Turns {
  constructor(
    private readonly store: Store,
    private readonly temporal: TemporalClient,
  ) {}

  readonly isOpen = (jobId: string): Promise<boolean | null> =>
    this.temporal.call((client) => isOpen(client, jobId));

  /**
   * Gives up the place of a job that has ended, or is not to be started, and tells the job whose turn it is now.
   * @param holder who was first before, where that is known: its turn has not come by this
   */
  async handOn(place: Place, holder?: string): Promise<void> {
    const next = await this.store.concurrency.release(place, this.isOpen);
    if (next !== null && next !== holder) await this.temporal.call((client) => callTurn(client, next));
  }
}
