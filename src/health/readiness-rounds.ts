import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Rounds } from '../rounds.js';
import { Readiness } from './readiness.js';

/** In ms. How late a change may be noticed that nobody asks about. */
const everyMs = 10_000;

/** Looks at what the API stands on while nobody asks, so that somebody who asks later learns since when it is so. */
@Injectable()
export class ReadinessRounds implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rounds: Rounds;

  constructor(readiness: Readiness) {
    this.rounds = new Rounds({
      round: async () => void (await readiness.check()),
      everyMs,
      firstAfterMs: 1_000,
      uneven: true,
      onOutage: () => undefined,
    });
  }

  onApplicationBootstrap(): void {
    this.rounds.begin();
  }

  onModuleDestroy(): Promise<void> {
    return this.rounds.end();
  }
}
