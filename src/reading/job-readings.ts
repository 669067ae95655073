import { Injectable } from '@nestjs/common';
import { type Job, isFinal } from '../../job-types/contract/job.js';
import type { ArchivedJob } from '../../job-types/contract/outcome.js';
import { Store } from '../database/store.js';
import { TemporalClient } from '../temporal/temporal-client.js';
import { toArchivedFacts } from './archived-facts.js';
import type { Described } from './run.js';
import { JobDetails, type StateFacts } from './job-details.js';
import { toJob } from './job-view.js';
import { withProgress } from './pending-activity.js';
import type { SnapshotQuery } from './snapshot-query.js';
import { stalledOf, statusOf } from './status.js';

/** What is known of a run in one state, and what the log has added to that. */
export interface RunFacts extends StateFacts {
  /** The state. */
  key: string;
  /** Whether a step was heard of between its start and its end. */
  talked: boolean;
}

/** How far we know a job's run. */
export interface RunState {
  /** What Temporal said last, and what belongs to that. */
  known: { run: Described; facts: RunFacts } | null;
  readonly snapshot: SnapshotQuery;
}

/** A job, and what only we may know of it. */
export interface Reading {
  job: Job;
  /** Of the request, when it was keyed. */
  fingerprint: string | null;
  /** False while a detail is missing that the database will have. */
  whole: boolean;
}

/** Of what only the archive can tell; whoever asks then hears that the database is away. */
const archivePatienceMs = 1_000;

/** Puts together what is known of a job. */
@Injectable()
export class JobReadings {
  constructor(
    private readonly temporal: TemporalClient,
    private readonly store: Store,
    private readonly details: JobDetails,
  ) {}

  /** What belongs to the present state of a run; most of it is asked for once. */
  async factsOf(run: Described, state: Readonly<RunState>): Promise<RunFacts> {
    const { status } = statusOf(run);
    const key = `${run.runId}/${run.historyLength}`;
    const snapshot = isFinal(status) ? null : await state.snapshot.ask(run);
    const known = state.known?.facts.key === key ? state.known.facts : null;
    const found = known?.whole ? known : await this.details.ofState(run, status);
    // Asked for again, the cancel may have become stricter, and the history does not grow by that.
    const cancellation =
      known?.whole && status === 'cancelling'
        ? await this.details.cancellation(run, known.cancellation)
        : found.cancellation;
    // Calls begin and end while the history stands still, and those of a job that was ended by force still settle.
    const goesOn = isFinal(status) ? known?.usage?.estimated : run.activities.length > 0;
    const usage = known?.whole && goesOn ? await this.details.usage(run.jobId) : undefined;
    return {
      ...found,
      key,
      cancellation,
      usage: usage ?? found.usage ?? state.known?.facts.usage ?? null,
      snapshot: snapshot ?? found.snapshot ?? known?.snapshot ?? null,
      talked: known?.talked ?? false,
    };
  }

  /** The job as the last `describe` and the log of now have it. */
  async present(run: Described, facts: RunFacts): Promise<Reading> {
    const { status, sentence } = statusOf(run);
    const speaking = run.activities.some(
      ({ startedAt, heartbeat }) => startedAt && (heartbeat || facts.talked),
    );
    const { output, progress } = speaking
      ? await this.details.said(run.jobId)
      : { output: null, progress: null };
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
      usage: facts.usage,
      activities: progress ? run.activities.map((one) => withProgress(one, progress)) : run.activities,
      log: facts.log,
      cancellation: facts.cancellation,
      cancelRequested: run.cancelRequested,
      waitingFor: run.waitingFor,
      temporalUi: this.temporal.runLink(run.jobId, run.runId),
    });
    return { job, fingerprint: run.memo.fingerprint ?? null, whole: facts.whole };
  }

  /**
   * For a job the namespace has forgotten, or while Temporal is away.
   * @throws when the database is away
   */
  async fromArchive(jobId: string): Promise<Reading | null> {
    const archived = await this.store.soon(archivePatienceMs, this.store.outcomes.find<ArchivedJob>(jobId));
    if (!archived) return null;
    const { runId } = archived;
    const facts = toArchivedFacts(archived, {
      log: await this.details.log(jobId),
      cancellation: await this.details.cancellation({ jobId, runId }, null),
      usage: (await this.details.usage(jobId)) ?? null,
      temporalUi: this.temporal.runLink(jobId, runId),
    });
    return { job: toJob(facts), fingerprint: facts.memo.fingerprint ?? null, whole: true };
  }
}
