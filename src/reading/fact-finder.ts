import { Injectable, Logger } from '@nestjs/common';
import { type Usage, isFinal } from '../../job-types/contract/job.js';
import type { ArchivedJob, JobOutcome, JobSnapshot } from '../../job-types/contract/outcome.js';
import type { Cancellation } from '../../store/cancellations.js';
import type { ArchivedOutcome } from '../../store/outcomes.js';
import type { Said } from '../../store/events.js';
import { Store } from '../database/store.js';
import { TemporalClient } from '../temporal/temporal-client.js';
import { snapshotOf } from './earlier-forms.js';
import { type Facts, noFacts, nothingSaid } from './facts.js';
import { type RunEnd, outcomeByTemporal, tells } from './outcome.js';
import type { Run } from './run.js';
import type { SnapshotQuery } from './snapshot-query.js';
import { statusOf } from './status.js';
import { type LoggedStep, toStepLog } from './step-log.js';

/** How much longer an answer takes when the database is silent. */
const patienceMs = 500;
/** Of what only the archive can tell; whoever asks then hears that the database is away. */
const archivePatienceMs = 1_000;

/** What is at hand about a job that was asked about before. */
export interface Held {
  /** What Temporal said last, and what belongs to that. */
  known: { run: Run; facts: Facts } | null;
  readonly query: SnapshotQuery;
}

/** Asks the workflow and the database for the facts of a run. A database that is away costs details, not the answer. */
@Injectable()
export class FactFinder {
  private readonly logger = new Logger('jobs');

  constructor(
    private readonly temporal: TemporalClient,
    private readonly store: Store,
  ) {}

  /** @param held is looked at again after the query, which may have taken a while */
  async of(run: Run, held: Readonly<Held>): Promise<Facts> {
    const asked = isFinal(statusOf(run).status) ? null : await held.query.ask(run);
    return this.found(run, { held, asked });
  }

  /** Without the workflow, which may take a second to say nothing. */
  withoutWorkflow(run: Run, held: Readonly<Held>): Promise<Facts> {
    return this.found(run, { held, asked: null });
  }

  private async found(
    run: Run,
    { held, asked }: { held: Readonly<Held>; asked: JobSnapshot | null },
  ): Promise<Facts> {
    const { status } = statusOf(run);
    const state = `${run.runId}/${run.historyLength}`;
    const same = held.known?.facts.state === state ? held.known.facts : null;
    const found = same?.whole ? same : await this.ofState(run);
    // Asked for again, the cancel may have become stricter, and the history does not grow by that.
    const cancellation =
      same?.whole && status === 'cancelling'
        ? await this.cancellation(run, same.cancellation)
        : found.cancellation;
    const snapshot = asked ?? found.snapshot ?? same?.snapshot ?? null;
    // Calls begin and end while the history stands still, and those of a job that was ended by force still settle.
    const goesOn = isFinal(status) ? same?.usage?.estimated : run.activities.length > 0;
    const usage = same?.whole && goesOn ? await this.usage(run.jobId) : undefined;
    const facts: Facts = {
      ...found,
      state,
      cancellation,
      usage: usage ?? found.usage ?? held.known?.facts.usage ?? null,
      snapshot,
      // An end that was put together from outside knows no steps.
      source: snapshot && found.outcome?.steps.length !== 0 ? 'live' : 'snapshot',
      talked: same?.talked ?? false,
    };
    return { ...facts, said: await this.said(run, facts) };
  }

  /** The same facts, and what the step that runs has said by now. */
  async retold(run: Run, facts: Facts): Promise<Facts> {
    return { ...facts, said: await this.said(run, facts) };
  }

  /**
   * What the archive has of a job that the namespace has forgotten, or while Temporal is away.
   * @throws when the database is away
   */
  archived(jobId: string): Promise<ArchivedOutcome<ArchivedJob> | null> {
    return this.store.soon(archivePatienceMs, this.store.outcomes.find<ArchivedJob>(jobId));
  }

  /** With only the archive to go by. */
  async ofArchived({ jobId, runId, job }: ArchivedOutcome<ArchivedJob>): Promise<Facts> {
    const outcome = snapshotOf<JobOutcome>(job.outcome);
    return {
      ...noFacts,
      snapshot: outcome,
      outcome,
      log: (await this.log(jobId)) ?? noFacts.log,
      cancellation: await this.cancellation({ jobId, runId }, null),
      usage: (await this.usage(jobId)) ?? null,
    };
  }

  private async ofState(run: Run): Promise<Facts> {
    const { status } = statusOf(run);
    const wantsCancellation = run.cancelRequested || status === 'cancelled' || status === 'terminated';
    const [log, cancellation, end, usage] = await Promise.all([
      this.log(run.jobId),
      wantsCancellation ? this.optional(this.store.cancellations.find(run)) : null,
      isFinal(status) ? this.outcome({ run, status }) : null,
      this.usage(run.jobId),
    ]);
    const outcome = end?.outcome ?? null;
    return {
      ...noFacts,
      snapshot: outcome,
      outcome,
      log: log ?? noFacts.log,
      cancellation: cancellation ?? null,
      usage: usage ?? null,
      whole: log !== undefined && cancellation !== undefined && usage !== undefined && end?.whole !== false,
    };
  }

  /** From the archive when it tells this end. What a database that is away may have is more than Temporal knows. */
  private async outcome(closed: RunEnd): Promise<{ outcome: JobOutcome; whole: boolean }> {
    const archived = await this.optional(this.store.outcomes.find<ArchivedJob>(closed.run.jobId));
    if (tells(archived, closed)) {
      return { outcome: snapshotOf<JobOutcome>(archived.job.outcome), whole: true };
    }
    return { outcome: await outcomeByTemporal(closed, this.temporal), whole: archived !== undefined };
  }

  /** @param known what there is without the database */
  private async cancellation(
    run: { jobId: string; runId: string },
    known: Cancellation | null,
  ): Promise<Cancellation | null> {
    const found = await this.optional(this.store.cancellations.find(run));
    return found === undefined ? known : found;
  }

  private async said({ jobId, activities }: Run, { talked }: Facts): Promise<Said> {
    const speaking = activities.some(({ startedAt, heartbeat }) => startedAt && (heartbeat || talked));
    return (speaking && (await this.optional(this.store.events.said(jobId)))) || nothingSaid;
  }

  private log(jobId: string): Promise<Map<string, LoggedStep> | undefined> {
    return this.optional(this.store.events.steps(jobId).then(toStepLog));
  }

  private usage(jobId: string): Promise<Usage | null | undefined> {
    return this.optional(this.store.modelCalls.sum(jobId));
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
