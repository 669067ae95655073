import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { NewEvent } from '../../store/events.js';
import { isDatabaseUnavailable } from '../../store/unavailable.js';
import { within } from '../within.js';
import { Store } from './store.js';

/** Beyond so many that wait for a database that is slow or away, what is told is dropped. */
const mostWaiting = 1_000;
/** Connections used at once, so that whoever waits for an answer finds one. */
const mostAtOnce = 2;
/** After a database that was away. */
const againMs = 1_000;
/** What a process that ends gives the last words. */
const lastWordsMs = 200;

/**
 * What the API itself adds to the logs of jobs. It is for watchers: nobody waits for it, and nothing fails by it. While
 * the database is away it waits in memory, and a process that ends then takes it along.
 */
@Injectable()
export class JobTeller implements OnModuleDestroy {
  private readonly waiting: { jobId: string; event: NewEvent }[] = [];
  private readonly lanes = new Set<Promise<void>>();
  private readonly grown = { jobIds: new Set<string>(), owners: new Set<string>() };
  private announcing: Promise<void> | null = null;
  private readonly stop = new AbortController();
  private readonly logger = new Logger('events');

  constructor(private readonly store: Store) {}

  /** Returns at once. Two that are told of a job one after the other may be logged in either order. */
  tell(jobId: string, event: NewEvent): void {
    if (this.waiting.length >= mostWaiting) {
      this.logger.debug(`${event.type} of ${jobId} is not told: ${mostWaiting} wait for the database`);
      return;
    }
    this.waiting.push({ jobId, event });
    if (this.lanes.size >= mostAtOnce) return;
    const lane = this.work().finally(() => this.lanes.delete(lane));
    this.lanes.add(lane);
  }

  async onModuleDestroy(): Promise<void> {
    this.stop.abort();
    const written = Promise.all(this.lanes).then(() => this.announcing);
    await within(lastWordsMs, written).catch((error: unknown) => {
      this.logger.debug(`the last events were not told: ${String(error)}`);
    });
    this.waiting.length = 0;
  }

  private async work(): Promise<void> {
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) {
      const { jobId, event } = next;
      try {
        const owner = await this.store.events.append(jobId, [event]);
        this.grown.jobIds.add(jobId);
        if (owner !== null) this.grown.owners.add(owner);
        this.announcing ??= this.announce();
      } catch (error) {
        this.logger.debug(`${event.type} of ${jobId} was not told: ${String(error)}`);
        // What PostgreSQL does not take now it will not take later.
        if (!isDatabaseUnavailable(error)) continue;
        if (this.stop.signal.aborted) return;
        this.waiting.unshift(next);
        await pause(againMs, undefined, { signal: this.stop.signal }).catch(() => undefined);
      }
    }
  }

  /** What grows while others are announced goes out together. */
  private async announce(): Promise<void> {
    const { jobIds, owners } = this.grown;
    while (jobIds.size > 0) {
      const [ids, grown] = [[...jobIds], [...owners]];
      jobIds.clear();
      owners.clear();
      try {
        await this.store.events.announce(ids, { owners: grown });
      } catch (error) {
        this.logger.debug(`${ids.length} jobs were not announced: ${String(error)}`);
      }
    }
    this.announcing = null;
  }
}
