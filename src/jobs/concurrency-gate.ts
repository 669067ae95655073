import { Inject, Injectable } from '@nestjs/common';
import type { Job } from '../../job-types/job.js';
import { CONFIG, type Config } from '../config.js';
import { Problem } from '../problems/problems.js';
import { Store } from '../store.js';
import { JobReader } from './job-reader.js';
import { Turns } from './turns.js';

export interface Claim {
  jobId: string;
  owner: string;
  type: string;
  key: string;
  onConflict: 'reject' | 'returnExisting' | 'queue';
}

/**
 * One active run a business key: the place in the queue is taken before the job is started. Whether it is the job's turn
 * then, its run sees for itself.
 */
@Injectable()
export class ConcurrencyGate {
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
      await this.turns.handOn({ ...place, jobId }, holder);
      throw new Problem('queue-full', `${this.mostQueued} jobs wait for "${key}" already.`, {
        retryAfter: 30,
      });
    }
    await this.turns.handOn({ ...place, jobId }, holder);
    const running = await this.reader.find(holder);
    if (running && onConflict === 'returnExisting') return running.job;
    throw new Problem('concurrency-conflict', `"${key}" is taken by the job ${holder}.`, { job: holder });
  }
}
