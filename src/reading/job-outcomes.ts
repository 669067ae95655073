import { Injectable, Logger } from '@nestjs/common';
import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Failure } from '../../job-types/contract/failure.js';
import { type FinalStatus, isFinal } from '../../job-types/contract/job.js';
import type { ArchivedJob, JobOutcome } from '../../job-types/contract/outcome.js';
import { Store } from '../database/store.js';
import { TemporalClient } from '../temporal/temporal-client.js';
import type { Described } from './run.js';
import { Runs } from './runs.js';
import { snapshotOf } from './earlier-forms.js';
import { statusOf } from './status.js';
import { Turns } from './turns.js';

/** For the database, which has details; those who poll are not to wait for it. */
const patienceMs = 500;

/** How closed runs ended. While Temporal knows the run, Temporal wins; the archive knows more of it. */
@Injectable()
export class JobOutcomes {
  private readonly logger = new Logger('jobs');

  constructor(
    private readonly temporal: TemporalClient,
    private readonly runs: Runs,
    private readonly store: Store,
    private readonly turns: Turns,
  ) {}

  /**
   * From the archive when it agrees with Temporal, otherwise from Temporal, and archived if that is possible. `whole`
   * is false when a database that is away had no part in it, so that it is worth asking again.
   */
  async of(run: Described, status: FinalStatus): Promise<{ outcome: JobOutcome; whole: boolean }> {
    const archived = await this.store
      .soon(patienceMs, this.store.outcomes.find<ArchivedJob>(run.jobId))
      .catch(this.warn);
    if (archived && isEndOf(archived, { run, status }))
      return { outcome: snapshotOf<JobOutcome>(archived.job.outcome), whole: true };
    const outcome = await this.fromTemporal(run, status);
    // What the archive may have is more than Temporal knows.
    if (archived === undefined) return { outcome, whole: false };
    const written = this.store.soon(
      patienceMs,
      this.archive(run, outcome).then(() => true),
    );
    return { outcome, whole: (await written.catch(this.warn)) ?? false };
  }

  /**
   * Sees to it that the archive tells the end that Temporal tells, also of a job that nobody watches.
   * @returns whether anything had to be written; false for a job that is open or unknown.
   * @throws when Temporal or the database is away.
   */
  async archiveEnd(jobId: string): Promise<boolean> {
    const run = await this.runs.describe(jobId).catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    });
    if (!run) return false;
    const { status } = statusOf(run);
    if (!isFinal(status)) return false;
    const archived = await this.store.outcomes.find<ArchivedJob>(jobId);
    if (archived && isEndOf(archived, { run, status })) return false;
    await this.archive(run, await this.fromTemporal(run, status));
    return true;
  }

  private readonly warn = (error: unknown): undefined => {
    this.logger.warn(`an outcome is not read from, or not written to, the archive: ${String(error)}`);
  };

  /** Those who watch the job, or wait for its concurrency key, are told, since no worker was there to do it. */
  private async archive(run: Described, outcome: JobOutcome): Promise<void> {
    const { jobId, runId, type, createdAt, memo } = run;
    const { owner, concurrencyKey: key } = memo;
    const { status, finishedAt } = outcome;
    // First, since it is done again by whoever finds no archive.
    if (key !== undefined) await this.turns.handOn({ owner, type, key, jobId });
    const job: ArchivedJob = { type, owner, createdAt, memo: { ...memo }, outcome };
    await this.store.outcomes.put({ jobId, runId, type, owner, status, job, finishedAt });
    await this.store.events.announce([jobId]);
  }

  private async fromTemporal(run: Described, status: FinalStatus): Promise<JobOutcome> {
    const base = {
      status,
      // With a concurrency key, it is in the log when its turn came, if ever it did.
      startedAt: run.begun && run.memo.concurrencyKey === undefined ? run.dueAt : null,
      finishedAt: run.finishedAt ?? new Date().toISOString(),
      steps: [],
      usage: null,
      output: null,
      waitingFor: [],
      answers: [],
      result: null,
      failure: null,
    };
    try {
      const result: unknown = await this.temporal.call((client) =>
        client.workflow.getHandle(run.jobId, run.runId).result(),
      );
      return { ...base, result };
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      const { cause } = error;
      const failure = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
      return { ...base, failure: (failure as Failure | undefined) ?? null };
    }
  }
}

const isEndOf = (
  archived: { runId: string; status: FinalStatus },
  { run, status }: { run: Described; status: FinalStatus },
): boolean => archived.runId === run.runId && archived.status === status;
