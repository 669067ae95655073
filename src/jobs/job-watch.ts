import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Job } from '../../job-types/job.js';
import { Notices } from '../events/notices.js';
import { JobReader } from './job-reader.js';

/** Closes are not announced, only what comes before them; this finds them. */
const everyMs = 1_000;
/** After a notice the job is about to change: a close follows the archive of the outcome within some ms. */
const soonMs = [0, 60, 150, 400];

interface Watched {
  waiters: Set<(job: Promise<Job>) => void>;
  timers: Set<NodeJS.Timeout>;
}

/** Lets requests wait for a job to change; however many wait for the same job, it is read once at a time. */
@Injectable()
export class JobWatch implements OnModuleDestroy {
  private readonly jobs = new Map<string, Watched>();
  private readonly unsubscribe: () => void;
  private stopped = false;

  constructor(
    private readonly reader: JobReader,
    notices: Notices,
  ) {
    this.unsubscribe = notices.subscribe((jobId) => {
      const watched = this.jobs.get(jobId);
      if (watched) for (const ms of soonMs) this.later(jobId, { watched, ms });
    });
  }

  onModuleDestroy(): void {
    this.stopped = true;
    this.unsubscribe();
    for (const { timers } of this.jobs.values()) for (const timer of timers) clearTimeout(timer);
    for (const [jobId, { waiters }] of this.jobs) for (const tell of waiters) tell(this.reader.fresh(jobId));
    this.jobs.clear();
  }

  /** The job as soon as it is as wanted, or as it is when the time (seconds) is up. */
  async until(
    jobId: string,
    { owner, seconds, wanted }: { owner: string; seconds: number; wanted: (job: Job) => boolean },
  ): Promise<Job> {
    let job = await this.reader.read(jobId, owner);
    const deadline = Date.now() + seconds * 1000;
    while (!wanted(job) && Date.now() < deadline && !this.stopped) {
      job = await this.next(jobId, { job, untilMs: deadline });
    }
    return job;
  }

  /** The next reading of the job, or the one at hand when the time is up. */
  private async next(jobId: string, { job, untilMs }: { job: Job; untilMs: number }): Promise<Job> {
    const watched = this.jobs.get(jobId) ?? { waiters: new Set(), timers: new Set() };
    this.jobs.set(jobId, watched);
    if (watched.waiters.size === 0) this.later(jobId, { watched, ms: everyMs });
    return new Promise<Job>((resolve, reject) => {
      const timer = setTimeout(() => tell(Promise.resolve(job)), untilMs - Date.now());
      const tell = (reading: Promise<Job>) => {
        clearTimeout(timer);
        watched.waiters.delete(tell);
        if (watched.waiters.size === 0) this.forget(jobId, watched);
        reading.then(resolve, reject);
      };
      watched.waiters.add(tell);
    });
  }

  private later(jobId: string, { watched, ms }: { watched: Watched; ms: number }): void {
    const timer = setTimeout(() => {
      watched.timers.delete(timer);
      if (watched.waiters.size === 0) return;
      const reading = this.reader.fresh(jobId);
      for (const tell of [...watched.waiters]) tell(reading);
    }, ms);
    watched.timers.add(timer);
  }

  private forget(jobId: string, watched: Watched): void {
    for (const timer of watched.timers) clearTimeout(timer);
    if (this.jobs.get(jobId) === watched) this.jobs.delete(jobId);
  }
}
