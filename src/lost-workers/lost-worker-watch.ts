import { setTimeout as pause } from 'node:timers/promises';
import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Attempts } from '../../store/attempts.js';
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
  private readonly stopping = new AbortController();
  private readonly logger = new Logger('workers');
  private running: Promise<void> | null = null;
  private suspects: readonly number[] = [];
  private complained = false;

  constructor(private readonly options: LostWorkerWatchOptions) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      await pause(everyMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.look();
    }
  }

  private async look(): Promise<void> {
    const { attempts, call } = this.options;
    try {
      const deserted = await attempts.deserted();
      const dead = deserted.filter((worker) => this.suspects.includes(worker));
      this.suspects = deserted;
      for (const worker of dead) {
        const ended = await attempts.takeOver(worker, (attempt) => endAttempt(call, attempt));
        if (ended > 0) this.logger.warn(`a worker is gone; the ${ended} steps it had are tried again`);
      }
      this.complained = false;
    } catch (error) {
      // One line an outage.
      if (!this.complained) this.logger.warn(`dead workers are noticed later: ${String(error)}`);
      this.complained = true;
      this.suspects = [];
    }
  }
}
