import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Job } from '../../job-types/contract/job.js';
import type { Place } from '../../store/concurrency.js';
import { CONFIG, type Config } from '../config.js';
import { Problem } from '../problems/problems.js';
import { Store } from '../database/store.js';
import { JobReader } from '../reading/job-reader.js';
import { Turns } from '../ends/turns.js';

export interface Claim extends Place {
  onConflict: 'reject' | 'returnExisting' | 'queue';
}

/** A database that is away must not hold up the answer. */
const databasePatienceMs = 1_000;

/**
 * One active run a business key: the place in the queue is taken before the job is started. Whether it is the job's turn
 * then, its run sees for itself.
 */
@Injectable()
export class ConcurrencyGate {
  private readonly logger = new Logger('concurrency');
  private readonly mostQueued: number;

  constructor(
    private readonly store: Store,
    private readonly reader: JobReader,
    private readonly turns: Turns,
    @Inject(CONFIG) config: Config,
  ) {
    this.mostQueued = config.MAX_QUEUE_DEPTH;
  }

  /**
   * Takes a place. When it is not the first and the policy is not to queue, the place is given up again.
   * @returns the job that runs, when that is to be the answer
   * @throws {Problem} concurrency-conflict with the job that runs, queue-full
   */
  async enter({ jobId, owner, type, key, onConflict }: Claim): Promise<Job | null> {
    const { concurrency } = this.store;
    const place = { owner, type, key };
    // The holder does not wait.
    const fits = async () => (await concurrency.depth(place)) - 1 <= this.mostQueued;
    await concurrency.enter({ ...place, jobId });
    // Whose turn it is, its run sees; places of jobs that have ended are passed only when there are too many.
    if (onConflict === 'queue' && (await fits())) return null;
    // A job that is about to be started is not in Temporal yet, and holds its place.
    const holder = await concurrency.holder(place, async (id) => id === jobId || this.turns.isOpen(id));
    if (holder === null || holder === jobId) return null;
    if (onConflict === 'queue') {
      if (await fits()) return null;
      await this.turns.giveUp({ ...place, jobId }, holder);
      throw new Problem('queue-full', `${this.mostQueued} jobs wait for "${key}" already.`, {
        retryAfter: 30,
      });
    }
    await this.turns.giveUp({ ...place, jobId }, holder);
    const running = await this.reader.find(holder);
    if (running && onConflict === 'returnExisting') return running.job;
    throw new Problem('concurrency-conflict', `"${key}" is taken by the job ${holder}.`, { job: holder });
  }

  /**
   * Gives up the place of a job that certainly is not started, and asks nothing of Temporal. Nobody is called: a job that
   * has come behind it meanwhile looks again by itself.
   */
  async leave({ jobId }: Place): Promise<void> {
    try {
      await this.store.soon(databasePatienceMs, this.store.concurrency.leave(jobId));
    } catch (error) {
      this.logger.warn(`${jobId}, which is not started, keeps its place for a while: ${String(error)}`);
    }
  }
}
