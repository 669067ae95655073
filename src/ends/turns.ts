import { Injectable } from '@nestjs/common';
import type { IsOpen } from '../../store/concurrency.js';
import { TemporalClient } from '../temporal/temporal-client.js';
import { callTurn, isOpen } from '../temporal/turn-calls.js';

/** What the queues of concurrency keys need of Temporal. */
@Injectable()
export class Turns {
  constructor(private readonly temporal: TemporalClient) {}

  readonly isOpen: IsOpen = (jobId, key) => this.temporal.call((client) => isOpen(client, { jobId, key }));

  readonly callTurn = (jobId: string): Promise<void> =>
    this.temporal.call((client) => callTurn(client, jobId));
}
