import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Attempts } from '../../store/attempts.js';
import { Rounds } from '../rounds.js';
import { type CallTemporal, endAttempt } from './end-attempt.js';

/**
 * A worker whose session is gone at two looks in a row is dead. One that has only lost its connection is back within
 * the time between them, or has taken back what it noted.
 */
const everyMs = 500;

export interface LostWorkerWatchOptions {
  attempts: Pick<Attempts, 'deserted' | 'takeOver'>;
  call: CallTemporal;
}

/**
 * Ends the attempts that dead workers had under way, so that Temporal tries them again at once. It would notice by
 * itself after a missed heartbeat, and of a step that saves only after half a minute. Every process watches. What an
 * attempt that was ended for nothing has done is safe: its receipt is found by the next one.
 */
export class LostWorkerWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('workers');
  private readonly rounds = new Rounds({
    round: () => this.look(),
    everyMs,
    firstAfterMs: everyMs,
    uneven: false,
    onOutage: (error) => this.logger.warn(`dead workers are noticed later: ${String(error)}`),
  });
  private suspects: readonly number[] = [];

  constructor(private readonly options: LostWorkerWatchOptions) {}

  onApplicationBootstrap(): void {
    this.rounds.begin();
  }

  onModuleDestroy(): Promise<void> {
    return this.rounds.end();
  }

  private async look(): Promise<void> {
    const { attempts, call } = this.options;
    const { suspects } = this;
    // A look that fails has seen nobody.
    this.suspects = [];
    const deserted = await attempts.deserted();
    this.suspects = deserted;
    for (const worker of deserted.filter((one) => suspects.includes(one))) {
      const ended = await attempts.takeOver(worker, (attempt) => endAttempt(call, attempt));
      if (ended > 0) this.logger.warn(`a worker is gone; the ${ended} steps it had are tried again`);
    }
  }
}
