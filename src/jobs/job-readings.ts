import { Logger } from '@nestjs/common';
import { type Job, isFinal } from '../../job-types/job.js';
import type { ArchivedJob, JobOutcome, JobSnapshot } from '../../job-types/outcome.js';
import type { Cancellation } from '../../store/cancellations.js';
import type { Said } from '../../store/events.js';
import type { Store } from '../store.js';
import type { TemporalClient } from '../temporal/temporal-client.js';
import { toArchivedFacts } from './archived-facts.js';
import { type Described, withProgress } from './described.js';
import type { JobOutcomes } from './job-outcomes.js';
import { toJob } from './job-view.js';
import { stalledOf, statusOf } from './status.js';
import { type LoggedStep, toStepLog } from './step-log.js';

/** What belongs to one state of one run; a workflow's state can only change when its history grows. */
export interface StateFacts {
  key: string;
  snapshot: JobSnapshot | null;
  log: Map<string, LoggedStep>;
  cancellation: Cancellation | null;
  outcome: JobOutcome | null;
  /** Whether a step was heard of between its start and its end. */
  talked: boolean;
}

/** A job, and what only we may know of it. */
export interface Reading {
  job: Job;
  /** Of the request, when it was keyed. */
  fingerprint: string | null;
}

const nothingSaid: Said = { output: null, progress: null };

export interface JobReadingsDependencies {
  temporal: Pick<TemporalClient, 'runLink'>;
  store: Store;
  outcomes: JobOutcomes;
}

/** Puts together what is known of a job. A database that is away costs details, not the reading. */
export class JobReadings {
  private readonly temporal: JobReadingsDependencies['temporal'];
  private readonly store: Store;
  private readonly outcomes: JobOutcomes;
  private readonly logger = new Logger('jobs');

  constructor({ temporal, store, outcomes }: JobReadingsDependencies) {
    this.temporal = temporal;
    this.store = store;
    this.outcomes = outcomes;
  }

  /** What the database knows about this state of the run. */
  async stateFacts(run: Described, status: Job['status']): Promise<StateFacts> {
    const wantsCancellation = run.cancelRequested || status === 'cancelled' || status === 'terminated';
    const [log, cancellation, outcome] = await Promise.all([
      this.optional(this.store.events.steps(run.jobId).then(toStepLog), new Map<string, LoggedStep>()),
      wantsCancellation ? this.cancellation(run, null) : null,
      isFinal(status) ? this.outcomes.of(run, status) : null,
    ]);
    return { key: '', snapshot: outcome, log, cancellation, outcome, talked: false };
  }

  cancellation(
    run: Pick<Described, 'jobId' | 'runId'>,
    otherwise: Cancellation | null,
  ): Promise<Cancellation | null> {
    return this.optional(this.store.cancellations.find(run), otherwise);
  }

  /** The job as the last `describe` and the log of now have it. */
  async present(run: Described, facts: StateFacts): Promise<Reading> {
    const { status, sentence } = statusOf(run);
    const speaking = run.activities.some(
      ({ startedAt, heartbeat }) => startedAt && (heartbeat || facts.talked),
    );
    const { output, progress } = speaking
      ? await this.optional(this.store.events.said(run.jobId), nothingSaid)
      : nothingSaid;
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
      activities: progress ? run.activities.map((one) => withProgress(one, progress)) : run.activities,
      log: facts.log,
      cancellation: facts.cancellation,
      cancelRequested: run.cancelRequested,
      waitingFor: run.waitingFor,
      temporalUi: this.temporal.runLink(run.jobId, run.runId),
    });
    return { job, fingerprint: run.memo.fingerprint ?? null };
  }

  /** For a job the namespace has forgotten, or while Temporal is away. */
  async fromArchive(jobId: string): Promise<Reading | null> {
    const archived = await this.store.outcomes.find<ArchivedJob>(jobId);
    if (!archived) return null;
    const { runId } = archived;
    const events = await this.optional(this.store.events.steps(jobId), []);
    const facts = toArchivedFacts(archived, {
      log: toStepLog(events),
      cancellation: await this.cancellation({ jobId, runId }, null),
      temporalUi: this.temporal.runLink(jobId, runId),
    });
    return { job: toJob(facts), fingerprint: facts.memo.fingerprint ?? null };
  }

  private async optional<T>(wanted: Promise<T>, otherwise: T): Promise<T> {
    try {
      return await wanted;
    } catch (error) {
      this.logger.warn(`a detail of a job could not be read: ${String(error)}`);
      return otherwise;
    }
  }
}
