import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Job } from '../../job-types/contract/job.js';
import type { News } from '../../store/events.js';
import { Notices } from '../database/notices.js';
import { look } from './freshness.js';
import { JobReader } from './job-reader.js';

/**
 * Requests that wait here at once, in one process. A request and its connection take some 40 kB, and the heap has to hold
 * all of them. Beyond it the one that has waited longest is answered with the job as it is.
 */
export const mostWaiting = 3_000;

interface Waiter {
  wanted: (job: Job) => boolean;
  /** As last seen. */
  job: Job;
  resolve: (job: Job) => void;
  reject: (error: unknown) => void;
}

interface Watched {
  waiters: Set<Waiter>;
  timers: Set<NodeJS.Timeout>;
  regular: NodeJS.Timeout;
  /** When what is said is looked at again at the earliest, and whether that is planned. */
  talk: { nextAt: number; planned: boolean };
}

/** Lets requests wait for a job to change; however many wait for the same job, it is read once at a time. */
@Injectable()
export class JobWatch implements OnModuleDestroy {
  private readonly jobs = new Map<string, Watched>();
  /** Of all jobs, the one that came first first. */
  private readonly waiters = new Set<Waiter>();
  private readonly unsubscribe: () => void;
  private stopped = false;

  constructor(
    private readonly reader: JobReader,
    notices: Notices,
  ) {
    this.unsubscribe = notices.subscribe((jobId, news) => this.noticed(jobId, news));
  }

  onModuleDestroy(): void {
    this.stopped = true;
    this.unsubscribe();
    for (const { job, resolve } of this.waiters) resolve(job);
  }

  /** The job as soon as it is as wanted, or as it is when the time (seconds) is up. */
  async until(
    jobId: string,
    { owner, seconds, wanted }: { owner: string; seconds: number; wanted: (job: Job) => boolean },
  ): Promise<Job> {
    const deadline = Date.now() + seconds * 1000;
    const job = await this.reader.read(jobId, owner);
    if (wanted(job) || Date.now() >= deadline || this.stopped) return job;
    const { promise, resolve, reject } = Promise.withResolvers<Job>();
    const waiter: Waiter = { wanted, job, resolve, reject };
    const watched = this.enter(jobId, waiter);
    this.makeRoom();
    const timer = setTimeout(() => resolve(waiter.job), deadline - Date.now());
    // What was announced while the job was read was not heard here.
    void this.look(watched, () => this.reader.shared(jobId));
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.leave(jobId, { watched, waiter });
    }
  }

  /** One that is answered leaves in a moment, and counts no longer. */
  private makeRoom(): void {
    for (const oldest of this.waiters) {
      if (this.waiters.size <= mostWaiting) return;
      this.waiters.delete(oldest);
      oldest.resolve(oldest.job);
    }
  }

  private enter(jobId: string, waiter: Waiter): Watched {
    this.waiters.add(waiter);
    const known = this.jobs.get(jobId);
    if (known) {
      known.waiters.add(waiter);
      return known;
    }
    const watched: Watched = {
      waiters: new Set([waiter]),
      timers: new Set(),
      regular: setInterval(() => void this.look(watched, () => this.reader.shared(jobId)), look.regular),
      talk: { nextAt: 0, planned: false },
    };
    this.jobs.set(jobId, watched);
    return watched;
  }

  private leave(jobId: string, { watched, waiter }: { watched: Watched; waiter: Waiter }): void {
    this.waiters.delete(waiter);
    watched.waiters.delete(waiter);
    if (watched.waiters.size > 0) return;
    clearInterval(watched.regular);
    for (const timer of watched.timers) clearTimeout(timer);
    this.jobs.delete(jobId);
  }

  private noticed(jobId: string, news: News): void {
    const watched = this.jobs.get(jobId);
    if (!watched) return;
    if (news === 'state') {
      for (const ms of look.soon) this.later(watched, { ms, read: () => this.reader.again(jobId) });
      return;
    }
    const { talk } = watched;
    if (talk.planned) return;
    talk.planned = true;
    const read = () => {
      talk.planned = false;
      talk.nextAt = Date.now() + look.talk;
      return this.reader.shared(jobId);
    };
    this.later(watched, { ms: Math.max(0, talk.nextAt - Date.now()), read });
  }

  private later(watched: Watched, { ms, read }: { ms: number; read: () => Promise<Job> }): void {
    const timer = setTimeout(() => {
      watched.timers.delete(timer);
      void this.look(watched, read);
    }, ms);
    watched.timers.add(timer);
  }

  private async look({ waiters }: Watched, read: () => Promise<Job>): Promise<void> {
    try {
      const job = await read();
      for (const waiter of [...waiters]) {
        waiter.job = job;
        if (waiter.wanted(job)) waiter.resolve(job);
      }
    } catch (error) {
      for (const { reject } of [...waiters]) reject(error);
    }
  }
}
