import { Injectable } from '@nestjs/common';
import type { Place } from '../../store/concurrency.js';
import { Store } from '../database/store.js';
import { TemporalClient } from '../temporal/temporal-client.js';
import { callTurn, isOpen } from '../temporal/turn-calls.js';

/** What the queues of concurrency keys need of Temporal. */
@Injectable()
export class Turns {
  constructor(
    private readonly store: Store,
    private readonly temporal: TemporalClient,
  ) {}

  readonly isOpen = (jobId: string): Promise<boolean | null> =>
    this.temporal.call((client) => isOpen(client, jobId));

  readonly callTurn = (jobId: string): Promise<void> =>
    this.temporal.call((client) => callTurn(client, jobId));

  /**
   * Gives up the place of a job that is not to be started, and tells the job whose turn it is now.
   * @param holder who was first before: its turn has not come by this
   */
  async giveUp(place: Place, holder: string): Promise<void> {
    const next = await this.store.concurrency.release(place, this.isOpen);
    if (next !== null && next !== holder) await this.callTurn(next);
  }
}
