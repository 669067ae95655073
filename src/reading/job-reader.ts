import { Injectable } from '@nestjs/common';
import { WorkflowNotFoundError } from '@temporalio/client';
import { type Job, isFinal } from '../../job-types/contract/job.js';
import type { News } from '../../store/events.js';
import { Notices } from '../database/notices.js';
import { Problem } from '../problems/problems.js';
import { RecentlyUsed } from '../recently-used.js';
import { TemporalClient, isTemporalUnavailable } from '../temporal/temporal-client.js';
import { type Described, lengthSeen } from './run.js';
import { JobReadings, type Reading, type RunState } from './job-readings.js';
import { Runs } from './runs.js';
import { Sharing } from './freshness.js';
import { SnapshotQuery } from './snapshot-query.js';

/** What is kept of jobs that were asked about: so many of them, and so many characters of what can be large in them. */
const most = { count: 10_000, weight: 32_000_000 };
/** What an id of ours can look like, with room for other people's workflow ids. */
const wellFormed = /^[\x21-\x7e]{1,250}$/;

interface Entry extends RunState {
  reading: Promise<Reading> | null;
  /** When Temporal answered it; infinite while it is being asked. */
  readAt: number;
  status: Job['status'] | null;
  whole: boolean;
  /** The log has grown by text or progress since the reading, which Temporal knows nothing of. */
  talked: boolean;
  /** When its run was last said to move. */
  noticedAt: number;
  /** When Temporal failed to answer the last time it was asked; null when it did. */
  failedAt: number | null;
}

/** Answers what a job is, with at most one `describe` in flight a job and one query a change of its history. */
@Injectable()
export class JobReader {
  private readonly entries = new RecentlyUsed<string, Entry>(most);
  private readonly sharing = new Sharing();

  constructor(
    private readonly temporal: TemporalClient,
    private readonly runs: Runs,
    private readonly readings: JobReadings,
    private readonly notices: Notices,
  ) {
    notices.subscribe((jobId, news) => this.noticed(jobId, news));
    notices.onConnected(() => this.missed());
  }

  /** @throws {Problem} job-not-found, for another owner's job too. */
  async read(jobId: string, owner: string): Promise<Job> {
    const { job } = await this.reading(jobId);
    if (job.owner !== owner) throw notFound(jobId);
    return job;
  }

  /** For us alone: whoever's it is. Null when there is no such job. */
  async find(jobId: string): Promise<Reading | null> {
    try {
      return await this.reading(jobId);
    } catch (error) {
      if (error instanceof Problem && error.code === 'job-not-found') return null;
      throw error;
    }
  }

  /** Without asking whose it is, like `read`: as fresh as pollers get it. */
  async shared(jobId: string): Promise<Job> {
    return (await this.reading(jobId)).job;
  }

  /** As it is now, not as it was a moment ago; one that is being read is not read twice. */
  async fresh(jobId: string): Promise<Job> {
    const entry = this.entry(jobId);
    if (Number.isFinite(entry.readAt)) entry.reading = null;
    return (await this.reading(jobId)).job;
  }

  /** The next read asks Temporal again. */
  forget(jobId: string): void {
    const entry = this.entries.peek(jobId);
    if (entry) entry.reading = null;
  }

  /** With a step or an end in the log the run itself follows within moments: it closes after it has announced its end. */
  private noticed(jobId: string, news: News): void {
    const entry = this.entries.peek(jobId);
    if (!entry) return;
    if (news === 'talk') {
      entry.talked = true;
      return;
    }
    entry.reading = null;
    entry.noticedAt = Date.now();
  }

  /** Notices may have been. A final job has none to miss. */
  private missed(): void {
    for (const entry of this.entries.values())
      if (!entry.status || !isFinal(entry.status)) entry.reading = null;
  }

  private reading(jobId: string): Promise<Reading> {
    if (!wellFormed.test(jobId)) throw notFound(jobId);
    const entry = this.entry(jobId);
    const { reading, failedAt } = entry;
    const covered = () =>
      this.sharing.covers(entry, { announced: this.notices.healthy(), crowded: this.runs.crowded });
    if (!reading || !covered()) return this.refresh(jobId, entry);
    if (failedAt !== null || !entry.talked || (entry.status && isFinal(entry.status))) return reading;
    // What is being read may be past the place where something was just said.
    if (!Number.isFinite(entry.readAt)) return reading.then(() => this.reading(jobId));
    return this.retell(jobId, entry);
  }

  /** The job with what the log now adds to what Temporal said last. */
  private retell(jobId: string, entry: Entry): Promise<Reading> {
    // A step that Temporal did not tell of has begun.
    if (!entry.known?.run.activities.some(({ startedAt }) => startedAt)) return this.refresh(jobId, entry);
    entry.talked = false;
    const { run, facts } = entry.known;
    facts.talked = true;
    entry.reading = this.weighed(this.readings.present(run, facts));
    return entry.reading;
  }

  private entry(jobId: string): Entry {
    const known = this.entries.use(jobId);
    if (known) return known;
    const entry: Entry = {
      reading: null,
      readAt: 0,
      status: null,
      whole: false,
      talked: false,
      known: null,
      snapshot: new SnapshotQuery(this.temporal),
      noticedAt: 0,
      failedAt: null,
    };
    this.entries.add(jobId, entry, { weight: 0 });
    return entry;
  }

  private refresh(jobId: string, entry: Entry): Promise<Reading> {
    entry.readAt = Number.POSITIVE_INFINITY;
    entry.talked = false;
    entry.failedAt = null;
    const reading = this.weighed(this.load(jobId, entry));
    entry.reading = reading;
    reading.then(
      ({ job, whole }) => {
        entry.readAt = Date.now();
        entry.status = job.status;
        entry.whole = whole;
      },
      (error: unknown) => {
        entry.readAt = 0;
        if (entry.reading !== reading) return;
        if (isTemporalUnavailable(error)) entry.failedAt = Date.now();
        else entry.reading = null;
      },
    );
    return reading;
  }

  private async weighed(asked: Promise<Reading>): Promise<Reading> {
    const reading = await asked;
    const { id, result, output, waitingFor } = reading.job;
    this.entries.weigh(id, JSON.stringify([result, output, waitingFor]).length);
    return reading;
  }

  private async load(jobId: string, entry: Entry): Promise<Reading> {
    let run: Described | null;
    try {
      run = await this.runs.describeInTurn(jobId);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError || isTemporalUnavailable(error)) {
        const archived = await this.readings.fromArchive(jobId).catch((cause: unknown) => {
          // With both away it is Temporal that the job could not be read for.
          throw isTemporalUnavailable(error) ? error : cause;
        });
        if (archived) return archived;
        if (error instanceof WorkflowNotFoundError) throw notFound(jobId);
      }
      throw error;
    }
    if (!run) throw notFound(jobId);
    const facts = await this.readings.factsOf(run, entry);
    // Of two that were under way at once the older one may come last.
    if (run.historyLength >= lengthSeen(run, entry.known?.run)) entry.known = { run, facts };
    return this.readings.present(run, facts);
  }
}

const notFound = (jobId: string) => new Problem('job-not-found', `There is no job ${jobId}.`);
