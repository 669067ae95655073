import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Store } from '../database/store.js';
import { Rounds } from '../rounds.js';

/** Removes files that no job was given, and what is left of uploads. Every API process does, each a part. */
@Injectable()
export class OldFiles implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('files');
  private readonly rounds = new Rounds({
    round: (signal) => this.remove(signal),
    everyMs: 10 * 60_000,
    firstAfterMs: 30_000,
    uneven: true,
    onOutage: (error) => this.logger.warn(`old files go ten minutes later: ${String(error)}`),
  });

  constructor(private readonly store: Store) {}

  onApplicationBootstrap(): void {
    this.rounds.begin();
  }

  onModuleDestroy(): Promise<void> {
    return this.rounds.end();
  }

  /** One at a time, until there are none: a large one takes a statement long enough. */
  private async remove(signal: AbortSignal): Promise<void> {
    await this.store.files.endLostClaims();
    let removed: number;
    do removed = await this.store.files.removeOld();
    while (removed > 0 && !signal.aborted);
  }
}
