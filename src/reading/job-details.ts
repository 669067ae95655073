import { Injectable, Logger } from '@nestjs/common';
import type { Job, Usage } from '../../job-types/contract/job.js';
import { isFinal } from '../../job-types/contract/job.js';
import type { JobOutcome, JobSnapshot } from '../../job-types/contract/outcome.js';
import type { Cancellation } from '../../store/cancellations.js';
import type { Said } from '../../store/events.js';
import { Store } from '../database/store.js';
import type { Described } from './run.js';
import { JobOutcomes } from './job-outcomes.js';
import { type LoggedStep, toStepLog } from './step-log.js';

/** What belongs to one state of one run; a workflow's state can only change when its history grows. */
export interface StateFacts {
  snapshot: JobSnapshot | null;
  log: Map<string, LoggedStep>;
  cancellation: Cancellation | null;
  outcome: JobOutcome | null;
  /** By the ledger; null when it has no call of the job, and while the database is away. */
  usage: Usage | null;
  /** False when the database had no part in it: it is asked again at the next read. */
  whole: boolean;
}

/** How much longer an answer takes when the database is silent. */
const patienceMs = 500;

/** What the database knows about a job. A database that is away costs details, not the answer. */
@Injectable()
export class JobDetails {
  private readonly logger = new Logger('jobs');

  constructor(
    private readonly store: Store,
    private readonly outcomes: JobOutcomes,
  ) {}

  async ofState(run: Described, status: Job['status']): Promise<StateFacts> {
    const wantsCancellation = run.cancelRequested || status === 'cancelled' || status === 'terminated';
    const ending = isFinal(status) ? this.outcomes.of(run, status) : null;
    const [log, cancellation, end, usage] = await Promise.all([
      this.optional(this.readLog(run.jobId)),
      wantsCancellation ? this.optional(this.store.cancellations.find(run)) : null,
      ending,
      // The archive of an end settles the calls that are left open.
      Promise.resolve(ending).then(() => this.usage(run.jobId)),
    ]);
    const outcome = end?.outcome ?? null;
    return {
      snapshot: outcome,
      log: log ?? new Map<string, LoggedStep>(),
      cancellation: cancellation ?? null,
      outcome,
      usage: usage ?? null,
      whole: log !== undefined && cancellation !== undefined && usage !== undefined && end?.whole !== false,
    };
  }

  async log(jobId: string): Promise<Map<string, LoggedStep>> {
    return (await this.optional(this.readLog(jobId))) ?? new Map<string, LoggedStep>();
  }

  /** Undefined while the database is away. */
  usage(jobId: string): Promise<Usage | null | undefined> {
    return this.optional(this.store.modelCalls.sum(jobId));
  }

  /** @param known what there is without the database */
  async cancellation(
    run: { jobId: string; runId: string },
    known: Cancellation | null,
  ): Promise<Cancellation | null> {
    const found = await this.optional(this.store.cancellations.find(run));
    return found === undefined ? known : found;
  }

  /** What the step that runs has said, as far as the log knows. */
  async said(jobId: string): Promise<Said> {
    return (await this.optional(this.store.events.said(jobId))) ?? { output: null, progress: null };
  }

  private async readLog(jobId: string): Promise<Map<string, LoggedStep>> {
    return toStepLog(await this.store.events.steps(jobId));
  }

  /** Undefined while the database is away. */
  private async optional<T>(wanted: Promise<T>): Promise<T | undefined> {
    try {
      return await this.store.soon(patienceMs, wanted);
    } catch (error) {
      this.logger.warn(`a detail of a job could not be read: ${String(error)}`);
      return undefined;
    }
  }
}
