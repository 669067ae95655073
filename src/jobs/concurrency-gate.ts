import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Place } from '../../store/concurrency.js';
import { CONFIG, type Config } from '../config.js';
import { Problem } from '../problems/problems.js';
import { Store } from '../database/store.js';
import { JobReader } from '../reading/job-reader.js';
import { keyReused } from './idempotency.js';
import { Turns } from '../ends/turns.js';

export interface Claim extends Place {
  /** Of a request with an Idempotency-Key. */
  fingerprint?: string | undefined;
  onConflict: 'reject' | 'returnExisting' | 'queue';
}

type Found = NonNullable<Awaited<ReturnType<JobReader['find']>>>;

/** A database that is away must not hold up the answer. */
const databasePatienceMs = 1_000;

/** Until the job that has just taken the key is started, or has not been; longer than a start takes outside a crowd. */
const holderPatienceMs = 5_000;
const lookAgainMs = 50;

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
   * Takes a place: the last one, or with another policy than to queue the first. A job that only has a place, and is about
   * to be started, is waited for: whoever is referred to a job finds it.
   * @returns the job that runs, when that is to be the answer
   * @throws {Problem} concurrency-conflict with the job that runs, queue-full, idempotency-key-reused
   */
  async enter({ onConflict, ...place }: Claim): Promise<Found | null> {
    const { concurrency } = this.store;
    const wish = { ...place, onlyFree: onConflict !== 'queue', mostQueued: this.mostQueued };
    const end = Date.now() + holderPatienceMs;
    for (;;) {
      const given = await concurrency.claim(wish);
      if (given.how === 'taken') return null;
      if (given.how === 'reused') throw keyReused();
      if (given.how === 'answered') return this.known(given.answer);
      // Places of jobs that have ended are passed only when somebody else wants them.
      const holder = await concurrency.holder(place, this.turns.isOpen);
      if (holder !== null && holder === given.holder) {
        if (given.how === 'full') throw this.full(place.key);
        const running = await this.reader.find(holder);
        if (running && !running.job.done) {
          if (onConflict === 'reject') throw conflict(place.key, holder);
          if (await this.isAnswer(place, holder)) return running;
        }
      }
      if (Date.now() > end) throw takenByNone(place.key);
      await pause(lookAgainMs);
    }
  }

  /** Whether the database tells that a request was made before: of a job that has ended, or that another job answers. */
  isKnown(jobId: string): Promise<boolean> {
    return this.store.soon(databasePatienceMs, this.store.concurrency.isKnown(jobId));
  }

  /** The job that answers a request with an Idempotency-Key, which another job had answered. @throws {Problem} idempotency-key-reused */
  async answered({ jobId, fingerprint }: { jobId: string; fingerprint: string }): Promise<string | null> {
    const found = await this.store.soon(databasePatienceMs, this.store.concurrency.answerFor(jobId));
    if (!found) return null;
    if (found.fingerprint !== fingerprint) throw keyReused(found.answer);
    return found.answer;
  }

  /** @throws {Problem} job-not-found */
  private async known(jobId: string): Promise<Found> {
    const found = await this.reader.find(jobId);
    if (!found) throw new Problem('job-not-found', `There is no job ${jobId}.`);
    return found;
  }

  /** Whoever repeats the request is answered with the same job, also once that has ended. */
  private async isAnswer(
    { jobId, fingerprint }: Omit<Claim, 'onConflict'>,
    answer: string,
  ): Promise<boolean> {
    return fingerprint === undefined || this.store.concurrency.answerWith(jobId, { fingerprint, answer });
  }

  private full(key: string): Problem {
    return new Problem('queue-full', `${this.mostQueued} jobs wait for "${key}" already.`, {
      retryAfter: 30,
    });
  }

  /**
   * Gives up the place of a job that certainly is not started, whatever its key, and asks nothing of Temporal. Nobody is
   * called: a job that has come behind it meanwhile looks again by itself.
   */
  async leave(jobId: string): Promise<void> {
    try {
      await this.store.soon(databasePatienceMs, this.store.concurrency.leave(jobId));
    } catch (error) {
      this.logger.warn(`${jobId}, which is not started, keeps its place for a while: ${String(error)}`);
    }
  }
}

const conflict = (key: string, job: string) =>
  new Problem('concurrency-conflict', `"${key}" is taken by the job ${job}.`, { job });

/** Names no job: the one that has the place may never be started. */
const takenByNone = (key: string) =>
  new Problem('concurrency-conflict', `"${key}" is taken by a job that is not started yet.`, {
    retryAfter: 2,
  });
