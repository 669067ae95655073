import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { Job } from '../../job-types/contract/job.js';
import type { Cancellation } from '../../store/cancellations.js';
import { JobEnds } from '../ends/job-ends.js';
import { type Facts, noFacts } from '../reading/facts.js';
import type { Run } from '../reading/run.js';
import { JobReader } from '../reading/job-reader.js';
import { Runs } from '../reading/runs.js';
import type { CancelRequest } from './cancel-request.js';
import { cancelling } from '../database/api-events.js';
import { JobTeller } from '../database/job-teller.js';
import { Store } from '../database/store.js';
import { TemporalClient, isTemporalUnavailable } from '../temporal/temporal-client.js';
import { untouchedReason } from '../temporal/terminate-reason.js';
import { isUntouched, requestCancel, terminate } from './cancel-calls.js';

/** A database that is away must not hold up a cancel. */
const databasePatienceMs = 1_000;

/**
 * How long a job that has not begun is left to a worker before it is ended without one. A worker that is free takes it
 * within a few ms, and ends it in good order.
 */
const workerChancesMs = [20, 80];

export interface CancelCall {
  owner: string;
  /** Public id of the API key that asks; null without keys. */
  by: string | null;
  request: CancelRequest;
}

/** Who asked a run to stop, how, and why. */
interface Order {
  mode: CancelRequest['mode'];
  reason: string | null;
  by: string | null;
}

/** A run that is open, and what was known of it a moment ago; null when nobody has just read it. */
interface Seen {
  run: Run;
  facts: Facts | null;
}

/** Stops jobs: by asking, with a deadline that the Escalator keeps, or by force. */
@Injectable()
export class Canceller {
  private readonly logger = new Logger('cancel');

  constructor(
    private readonly temporal: TemporalClient,
    private readonly store: Store,
    private readonly runs: Runs,
    private readonly reader: JobReader,
    private readonly ends: JobEnds,
    private readonly teller: JobTeller,
  ) {}

  /**
   * The row comes first. From the moment the cancel works it can be explained, and its deadline is kept. If the database
   * is away, both are lost and the cancel is not.
   * @returns the job as it is then; one that ended first is left as it is.
   */
  async cancel(jobId: string, { owner, by, request }: CancelCall): Promise<Job> {
    const seen = await this.openRun(jobId, owner);
    if (seen) {
      const { run } = seen;
      const { mode, reason = null, gracePeriod } = request;
      const order = { mode, reason, by, gracePeriod };
      if (mode === 'graceful' && run.begun) return this.ask(seen, order);
      await this.arm(run, order);
      await this[mode](run, order);
    }
    this.reader.forget(jobId);
    return this.reader.read(jobId, owner);
  }

  /** A job that a worker works at: the row, the request to Temporal, and the answer says what is known by then. */
  private async ask({ run, facts }: Seen, order: Order & { gracePeriod: number }): Promise<Job> {
    const { jobId, runId } = run;
    const durably = async () => {
      const cancellation = await this.arm(run, order);
      await requestCancel(this.temporal, { jobId, reason: order.reason });
      this.reader.forget(jobId);
      this.teller.tell(jobId, cancelling({ runId, ...order }));
      void this.announce({ jobId, runId });
      return cancellation;
    };
    const durable = durably();
    // For a job that nobody has just read they are asked for meanwhile. What is late is left out and not waited for.
    const known = facts ?? Promise.race([this.reader.factsOf(run), durable.then(() => noFacts)]);
    const [cancellation, found] = await Promise.all([durable, known]);
    const told = { ...found, cancellation: cancellation ?? found.cancellation };
    return this.reader.show({ ...run, cancelRequested: true }, told).job;
  }

  /**
   * Without a read, which may wait a second for a worker that is not there. Null for what is not to be cancelled, of
   * which the read tells what it is.
   */
  private async openRun(jobId: string, owner: string): Promise<Seen | null> {
    try {
      const read = this.reader.atHand(jobId);
      // Of a run that has not begun, it matters what a worker did a moment ago.
      const seen =
        read?.run.begun && !read.run.finishedAt
          ? read
          : { run: await this.runs.describe(jobId), facts: null };
      const { run, facts } = seen;
      return run?.memo.owner === owner && run.finishedAt === null ? { run, facts } : null;
    } catch (error) {
      if (!isTemporalUnavailable(error)) return null;
      // While Temporal is away only the archive can tell that the job has ended.
      const archived = await this.store
        .soon(databasePatienceMs, this.store.outcomes.find(jobId))
        .catch(() => null);
      if (!archived) throw error;
      return null;
    }
  }

  /** For a run that had not begun. */
  private async graceful(run: Run, order: Order): Promise<void> {
    const { jobId, runId } = run;
    await requestCancel(this.temporal, { jobId, reason: order.reason });
    this.teller.tell(jobId, cancelling({ runId, ...order }));
    if (await this.staysUntouched(run)) await this.end(run, untouchedReason);
    else await this.announce({ jobId, runId });
  }

  private async force(run: Run, order: Order): Promise<void> {
    const untouched = await this.asksInTime(run, order.reason);
    this.teller.tell(run.jobId, cancelling({ runId: run.runId, ...order }));
    await this.end(run, untouched ? untouchedReason : 'cancelled by force');
  }

  /** Asks a run to stop that no worker has begun. True when that certainly came first: the job then counts as cancelled. */
  private async asksInTime(run: Run, reason: string | null): Promise<boolean> {
    if (run.begun) return false;
    const { jobId, presentRunId } = run;
    await requestCancel(this.temporal, { jobId, reason });
    // A run that starts later has no task before the request makes one.
    return run.workflowTask === null || isUntouched(await this.runs.describe(jobId, { runId: presentRunId }));
  }

  private async staysUntouched({ jobId, presentRunId: runId }: Run): Promise<boolean> {
    for (const chanceMs of workerChancesMs) {
      await pause(chanceMs);
      if (!isUntouched(await this.runs.describe(jobId, { runId }))) return false;
    }
    return true;
  }

  private async end(run: Run, reason: string): Promise<void> {
    const { jobId, runId } = run;
    await terminate(this.temporal, { run, reason, present: () => this.runs.describe(jobId) });
    const { cancellations } = this.store;
    await Promise.all([
      this.optional('the cancellation was not settled', cancellations.settle(jobId, { escalated: false })),
      // A step that goes on for nobody costs money until its next heartbeat.
      this.announce({ jobId, runId }),
      this.optional(`the end of ${jobId} is seen to later`, this.ends.seeTo(jobId)),
    ]);
  }

  private async announce(run: Pick<Run, 'jobId' | 'runId'>): Promise<void> {
    await this.optional('the workers were not told', this.store.cancellations.announce(run));
  }

  private arm(
    { jobId, runId }: Run,
    { gracePeriod, ...order }: Order & { gracePeriod: number },
  ): Promise<Cancellation | null> {
    return this.optional(
      `the cancel of ${jobId} has no deadline`,
      this.store.cancellations.request({
        jobId,
        runId,
        ...order,
        gracePeriod: order.mode === 'force' ? 0 : gracePeriod,
      }),
    );
  }

  private async optional<T>(consequence: string, work: Promise<T>): Promise<T | null> {
    try {
      return await this.store.soon(databasePatienceMs, work);
    } catch (error) {
      this.logger.warn(`${consequence}: ${String(error)}`);
      return null;
    }
  }
}
