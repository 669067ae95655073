import { Injectable, Logger } from '@nestjs/common';
import { WorkflowNotFoundError } from '@temporalio/client';
import { type Job, isFinal } from '../../job-types/job.js';
import type { ArchivedJob, JobSnapshot } from '../../job-types/outcome.js';
import { Notices } from '../events/notices.js';
import { Problem } from '../problems/problems.js';
import { Store } from '../store.js';
import { TemporalClient, isTemporalUnavailable } from '../temporal/temporal-client.js';
import { toArchivedFacts } from './archived-facts.js';
import { type Described, toDescribed } from './described.js';
import { JobDetails, type StateFacts } from './job-details.js';
import { JobOutcomes } from './job-outcomes.js';
import { toJob } from './job-view.js';
import { stalledOf, statusOf } from './status.js';

/** Many pollers of one job share an answer this old. */
const openShareMs = 250;
/** While changes are announced, and drop what is shared. */
const noticedShareMs = 1_000;
/** After a notice. */
const movingMs = 2_000;
/** A final job changes only when an operator resets its run. */
const finalShareMs = 30_000;
/** A worker that is there answers in a few ms; one that is not costs the whole deadline. */
const queryDeadlineMs = 1_000;
/** After a query that got no answer. */
const queryPauseMs = 5_000;
const mostJobs = 10_000;
/** What an id of ours can look like, with room for other people's workflow ids. */
const wellFormed = /^[\x21-\x7e]{1,250}$/;

/** A job, and what only we may know of it. */
interface Reading {
  job: Job;
  /** Of the request, when it was keyed. */
  fingerprint: string | null;
  /** False while a detail is missing that the database will have. */
  whole: boolean;
}

interface Entry {
  reading: Promise<Reading> | null;
  readAt: number;
  shareMs: number;
  facts: (StateFacts & { key: string }) | null;
  /** The state for which the last query was sent, and until when none is sent after one without an answer. */
  queried: string | null;
  noQueryBefore: number;
  /** When its log was last said to have grown. */
  noticedAt: number;
}

/** Answers what a job is, with at most one `describe` in flight a job and one query a change of its history. */
@Injectable()
export class JobReader {
  private readonly entries = new Map<string, Entry>();
  private readonly logger = new Logger('jobs');

  constructor(
    private readonly temporal: TemporalClient,
    private readonly store: Store,
    private readonly outcomes: JobOutcomes,
    private readonly details: JobDetails,
    private readonly notices: Notices,
  ) {
    notices.subscribe((jobId) => this.noticed(jobId));
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

  /** As it is now, not as it was a moment ago; one that is being read is not read twice. */
  async fresh(jobId: string): Promise<Job> {
    const entry = this.entry(jobId);
    if (Number.isFinite(entry.readAt)) entry.reading = null;
    return (await this.reading(jobId)).job;
  }

  /** The next read asks Temporal again. */
  forget(jobId: string): void {
    const entry = this.entries.get(jobId);
    if (entry) entry.reading = null;
  }

  /** The log has grown, and the run itself follows within moments: it closes after it has announced its end. */
  private noticed(jobId: string): void {
    const entry = this.entries.get(jobId);
    if (!entry) return;
    entry.reading = null;
    entry.noticedAt = Date.now();
  }

  private reading(jobId: string): Promise<Reading> {
    if (!wellFormed.test(jobId)) throw notFound(jobId);
    const entry = this.entry(jobId);
    const shared = entry.reading;
    return shared && Date.now() - entry.readAt <= entry.shareMs ? shared : this.refresh(jobId, entry);
  }

  private entry(jobId: string): Entry {
    const known = this.entries.get(jobId);
    const entry = known ?? {
      reading: null,
      readAt: 0,
      shareMs: 0,
      facts: null,
      queried: null,
      noQueryBefore: 0,
      noticedAt: 0,
    };
    this.entries.delete(jobId);
    this.entries.set(jobId, entry);
    if (this.entries.size > mostJobs) {
      const oldest = this.entries.keys().next();
      if (!oldest.done) this.entries.delete(oldest.value);
    }
    return entry;
  }

  private refresh(jobId: string, entry: Entry): Promise<Reading> {
    // In flight it is shared for as long as it takes; its age counts from the answer.
    entry.readAt = Number.POSITIVE_INFINITY;
    const reading = this.load(jobId, entry);
    entry.reading = reading;
    reading.then(
      ({ job, whole }) => {
        entry.readAt = Date.now();
        entry.shareMs = isFinal(job.status) && whole ? finalShareMs : this.openShareMs(job, entry);
      },
      () => {
        entry.readAt = 0;
        if (entry.reading === reading) entry.reading = null;
      },
    );
    return reading;
  }

  /** The close itself is not announced. */
  private openShareMs({ status }: Job, { noticedAt }: Entry): number {
    const moving = status === 'cancelling' || Date.now() - noticedAt < movingMs;
    return this.notices.healthy() && !moving ? noticedShareMs : openShareMs;
  }

  private async load(jobId: string, entry: Entry): Promise<Reading> {
    let run: Described | null;
    try {
      run = await this.describe(jobId);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError || isTemporalUnavailable(error)) {
        const archived = await this.fromArchive(jobId).catch((cause: unknown) => {
          // With both away it is Temporal that the job could not be read for.
          throw isTemporalUnavailable(error) ? error : cause;
        });
        if (archived) return archived;
        if (error instanceof WorkflowNotFoundError) throw notFound(jobId);
      }
      throw error;
    }
    if (!run) throw notFound(jobId);
    return { ...(await this.fromRun(run, entry)), fingerprint: run.memo.fingerprint ?? null };
  }

  /**
   * What Temporal says now: of the job's present run, or of the one given. Null when it is not a job.
   * @throws {WorkflowNotFoundError}
   */
  describe(jobId: string, runId?: string): Promise<Described | null> {
    return this.temporal.call(async (client) =>
      toDescribed(await client.workflow.getHandle(jobId, runId).describe(), client),
    );
  }

  /**
   * Sees to it that the archive tells the end that Temporal tells, also of a job that nobody watches.
   * @returns whether anything had to be written; false for a job that is open or unknown.
   * @throws when Temporal or the database is away.
   */
  async archiveEnd(jobId: string): Promise<boolean> {
    const run = await this.describe(jobId).catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    });
    if (!run) return false;
    const { status } = statusOf(run);
    if (!isFinal(status)) return false;
    return this.outcomes.archiveEnd(run, status);
  }

  private async fromRun(run: Described, entry: Entry): Promise<Pick<Reading, 'job' | 'whole'>> {
    const { status, sentence } = statusOf(run);
    const key = `${run.runId}/${run.historyLength}`;
    const snapshot = isFinal(status) ? null : await this.query(run, { key, entry });
    const known = entry.facts?.key === key ? entry.facts : null;
    const speaking = run.activities.some(({ startedAt, heartbeat }) => startedAt && heartbeat);
    const [found, output] = await Promise.all([
      known?.whole ? known : this.details.ofState(run, status),
      speaking ? this.details.output(run.jobId) : null,
    ]);
    const facts = { ...found, key, snapshot: snapshot ?? found.snapshot ?? known?.snapshot ?? null };
    // Asked for again, the cancel may have become stricter, and the history does not grow by that.
    if (known?.whole && status === 'cancelling') {
      facts.cancellation = await this.details.cancellation(run, facts.cancellation);
    }
    entry.facts = facts;
    const job = toJob({
      id: run.jobId,
      runId: run.runId,
      type: run.type,
      memo: run.memo,
      status,
      sentence,
      stalled: stalledOf(run),
      createdAt: run.createdAt,
      finishedAt: run.finishedAt,
      snapshot: facts.snapshot,
      // An end that was put together from outside knows no steps.
      source: facts.snapshot && facts.outcome?.steps.length !== 0 ? 'live' : 'snapshot',
      output: facts.snapshot?.output ?? output,
      outcome: facts.outcome,
      activities: run.activities,
      log: facts.log,
      cancellation: facts.cancellation,
      cancelRequested: run.cancelRequested,
      waitingFor: run.waitingFor,
      temporalUi: this.temporal.runLink(run.jobId, run.runId),
    });
    return { job, whole: facts.whole };
  }

  /** The workflow's own snapshot for this state of the run; null when there is none to be had. */
  private async query(
    run: Described,
    { key, entry }: { key: string; entry: Entry },
  ): Promise<JobSnapshot | null> {
    if (!run.begun || entry.queried === key || Date.now() < entry.noQueryBefore) return null;
    entry.queried = key;
    try {
      return await this.temporal.call(
        (client) => client.workflow.getHandle(run.jobId, run.runId).query<JobSnapshot>('status'),
        queryDeadlineMs,
      );
    } catch (error) {
      // Without it the steps come from the event log; a missing worker is a state of the job, not an error of the read.
      entry.noQueryBefore = Date.now() + queryPauseMs;
      entry.queried = null;
      this.logger.debug(`no snapshot of ${run.jobId}: ${String(error)}`);
      return null;
    }
  }

  /** For a job the namespace has forgotten, or while Temporal is away. */
  private async fromArchive(jobId: string): Promise<Reading | null> {
    const archived = await this.store.outcomes.find<ArchivedJob>(jobId);
    if (!archived) return null;
    const { runId } = archived;
    const facts = toArchivedFacts(archived, {
      log: await this.details.log(jobId),
      cancellation: await this.details.cancellation({ jobId, runId }, null),
      temporalUi: this.temporal.runLink(jobId, runId),
    });
    return { job: toJob(facts), fingerprint: facts.memo.fingerprint ?? null, whole: true };
  }
}

const notFound = (jobId: string) => new Problem('job-not-found', `There is no job ${jobId}.`);
