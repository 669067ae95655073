import { Injectable, Logger } from '@nestjs/common';
import { type Usage, isFinal } from '../../job-types/contract/job.js';
import type { ArchivedJob, JobOutcome, JobSnapshot, StepState } from '../../job-types/contract/outcome.js';
import type { Cancellation } from '../../store/cancellations.js';
import type { ArchivedOutcome } from '../../store/outcomes.js';
import type { Said } from '../../store/events.js';
import { Store } from '../database/store.js';
import { TemporalClient } from '../temporal/temporal-client.js';
import { snapshotOf } from './earlier-forms.js';
import { type Facts, noFacts, nothingSaid } from './facts.js';
import { type RunEnd, outcomeByTemporal, tells } from './outcome.js';
import { type Run, endedFromOutside } from './run.js';
import type { SnapshotQuery } from './snapshot-query.js';
import { statusOf } from './status.js';
import { type LoggedStep, toStepLog, withTotals } from './step-log.js';

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
    const state = `${run.presentRunId}/${run.historyLength}`;
    if (isFinal(status)) return { ...(await this.ofEnd({ run, status }, held)), state };
    const same = held.known?.facts.state === state ? held.known.facts : null;
    // A workflow that answers says whether its steps have items.
    const items = asked === null || asked.steps.some((step) => step.items);
    const found = same?.whole ? same : await this.ofState(run, { cancel: run.cancelRequested, items });
    // Asked for again, the cancel may have become stricter, and the history does not grow by that.
    const cancellation =
      same?.whole && status === 'cancelling'
        ? await this.cancellation(run, same.cancellation)
        : found.cancellation;
    const own = asked ?? (same?.source === 'live' ? same.snapshot : null);
    const snapshot = own ?? same?.snapshot ?? handedOn(run, held);
    // Calls begin and end while the history stands still.
    const usage = same?.whole && run.activities.length > 0 ? await this.usage(run.jobId) : undefined;
    const facts: Facts = {
      ...found,
      log: own ? found.log : withTotals(found.log, stepsKnown(held)),
      state,
      cancellation,
      usage: usage ?? found.usage ?? held.known?.facts.usage ?? null,
      snapshot,
      source: own ? 'live' : 'snapshot',
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

  /** Of a job whose end is recorded: the same, whether Temporal still knows the job or not. */
  async ofRecord(record: ArchivedOutcome<ArchivedJob>): Promise<Facts> {
    return recorded(record, await this.ofState(record, { cancel: true, items: true }));
  }

  /** While Temporal knows the run, Temporal wins; a record that tells this end knows more of it. */
  private async ofEnd(closed: RunEnd, { known }: Readonly<Held>): Promise<Facts> {
    const { run } = closed;
    const [record, state] = await Promise.all([
      this.optional(this.store.outcomes.find<ArchivedJob>(run.jobId)),
      this.ofState(run, { cancel: true, items: true }),
    ]);
    if (tells(record, closed)) return recorded(record, state);
    const [outcome, said] = await Promise.all([
      outcomeByTemporal(closed, this.temporal),
      record !== undefined && endedFromOutside(run.execution)
        ? this.optional(this.store.events.said(run))
        : nothingSaid,
    ]);
    const told = { ...outcome, output: said?.output ?? null };
    return {
      ...state,
      snapshot: told,
      outcome: told,
      recording: record !== undefined && isBeingRecorded(run, state.cancellation),
      usage: state.usage ?? known?.facts.usage ?? null,
      whole: state.whole && record !== undefined && said !== undefined,
    };
  }

  /**
   * @param wanted.cancel whether somebody may have asked the run to stop
   * @param wanted.items whether its steps may have items
   */
  private async ofState(
    run: { jobId: string; runId: string },
    wanted: { cancel: boolean; items: boolean },
  ): Promise<Facts> {
    const [log, cancellation, usage] = await Promise.all([
      this.log(run, wanted.items),
      wanted.cancel ? this.optional(this.store.cancellations.find(run)) : null,
      this.usage(run.jobId),
    ]);
    return {
      ...noFacts,
      log: log ?? noFacts.log,
      cancellation: cancellation ?? null,
      usage: usage ?? null,
      whole: log !== undefined && cancellation !== undefined && usage !== undefined,
    };
  }

  /** @param known what there is without the database */
  private async cancellation(
    run: { jobId: string; runId: string },
    known: Cancellation | null,
  ): Promise<Cancellation | null> {
    const found = await this.optional(this.store.cancellations.find(run));
    return found === undefined ? known : found;
  }

  private async said(run: Run, { talked }: Facts): Promise<Said> {
    const speaking = run.activities.some(({ startedAt, heartbeat }) => startedAt && (heartbeat || talked));
    return (speaking && (await this.optional(this.store.events.said(run)))) || nothingSaid;
  }

  private log(
    run: { jobId: string; runId: string },
    withItems: boolean,
  ): Promise<Map<string, LoggedStep> | undefined> {
    const { events } = this.store;
    const told = Promise.all([events.steps(run), withItems ? events.items(run.jobId) : []]);
    return this.optional(told.then(([steps, items]) => toStepLog(steps, items)));
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

function recorded(record: ArchivedOutcome<ArchivedJob>, state: Facts): Facts {
  const outcome = snapshotOf<JobOutcome>(record.job.outcome);
  return {
    ...state,
    record,
    snapshot: outcome,
    outcome,
    // An end that was put together from outside knows no steps.
    source: outcome.steps.length > 0 ? 'live' : 'snapshot',
    usage: record.usage ?? state.usage,
  };
}

/** The steps as they were told last, by the workflow or else by the log. */
const stepsKnown = ({ known }: Readonly<Held>): Pick<StepState, 'name' | 'items'>[] => [
  ...(known?.facts.snapshot?.steps ?? []),
  ...[...(known?.facts.log.values() ?? [])].flatMap(({ name, items }) =>
    items?.total ? [{ name, items: { ...items, running: 0, failures: [] } }] : [],
  ),
];

/** What the run before this one said last, which this one was given: it may not have answered yet. */
const handedOn = (run: Run, { known }: Readonly<Held>): JobSnapshot | null =>
  known && known.run.runId === run.runId && known.run.presentRunId !== run.presentRunId
    ? known.facts.snapshot
    : null;

/** How long whoever carried a cancel out has to record the end; if it has died, the job is over without. */
const recordingMs = 5_000;

const isBeingRecorded = (run: Run, cancellation: Cancellation | null): boolean =>
  cancellation !== null &&
  endedFromOutside(run.execution) &&
  Math.abs(Date.now() - Date.parse(run.finishedAt ?? '')) < recordingMs;
