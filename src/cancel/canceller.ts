import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { Job } from '../../job-types/contract/job.js';
import type { Described } from '../reading/run.js';
import { JobReader } from '../reading/job-reader.js';
import { Runs } from '../reading/runs.js';
import { untouchedReason } from '../reading/untouched.js';
import type { CancelRequest } from './cancel-request.js';
import { cancelling } from '../database/api-events.js';
import { JobTeller } from '../database/job-teller.js';
import { Store } from '../database/store.js';
import { TemporalClient, isTemporalUnavailable } from '../temporal/temporal-client.js';
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

/** Stops jobs: by asking, with a deadline that the Escalator keeps, or by force. */
@Injectable()
export class Canceller {
  private readonly logger = new Logger('cancel');

  constructor(
    private readonly temporal: TemporalClient,
    private readonly store: Store,
    private readonly runs: Runs,
    private readonly reader: JobReader,
    private readonly teller: JobTeller,
  ) {}

  /**
   * The row comes first, so that from the moment the cancel works it can be explained and its deadline is kept; a
   * database that is away loses both, never the cancel.
   * @returns the job as it is then; one that ended first is left as it is.
   */
  async cancel(jobId: string, { owner, by, request }: CancelCall): Promise<Job> {
    const run = await this.openRun(jobId, owner);
    if (run) {
      const order = { mode: request.mode, reason: request.reason ?? null, by };
      await this.arm(run, { ...order, gracePeriod: request.gracePeriod });
      await this[order.mode](run, order);
    }
    this.reader.forget(jobId);
    return this.reader.read(jobId, owner);
  }

  /**
   * Without a read, which may wait a second for a worker that is not there. Null for what is not to be cancelled, of
   * which the read tells what it is.
   */
  private async openRun(jobId: string, owner: string): Promise<Described | null> {
    try {
      const run = await this.runs.describe(jobId);
      return run?.memo.owner === owner && run.finishedAt === null ? run : null;
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

  private async graceful(run: Described, order: Order): Promise<void> {
    const { jobId, runId } = run;
    await requestCancel(this.temporal, { jobId, reason: order.reason });
    this.teller.tell(jobId, cancelling({ runId, ...order }));
    if (run.begun || !(await this.staysUntouched(run))) {
      await this.announce({ jobId, runId });
    } else {
      await this.end(run, untouchedReason);
    }
  }

  private async force(run: Described, order: Order): Promise<void> {
    const { jobId, runId } = run;
    // So that a job of which nothing was done counts as cancelled.
    if (!run.begun) await requestCancel(this.temporal, { jobId, reason: order.reason });
    this.teller.tell(jobId, cancelling({ runId, ...order }));
    await this.end(run, 'cancelled by force');
  }

  private async staysUntouched({ jobId, runId }: Described): Promise<boolean> {
    for (const chanceMs of workerChancesMs) {
      await pause(chanceMs);
      if (!isUntouched(await this.runs.describe(jobId, { runId }))) return false;
    }
    return true;
  }

  private async end({ jobId, runId }: Described, reason: string): Promise<void> {
    await terminate(this.temporal, { jobId, runId, reason });
    const { cancellations } = this.store;
    await Promise.all([
      this.optional('the cancellation was not settled', cancellations.settle(jobId, { escalated: false })),
      // A step that goes on for nobody costs money until its next heartbeat.
      this.announce({ jobId, runId }),
    ]);
  }

  private announce(run: Pick<Described, 'jobId' | 'runId'>): Promise<void> {
    return this.optional('the workers were not told', this.store.cancellations.announce(run));
  }

  private async arm(
    { jobId, runId }: Described,
    { gracePeriod, ...order }: Order & { gracePeriod: number },
  ): Promise<void> {
    await this.optional(
      `the cancel of ${jobId} has no deadline`,
      this.store.cancellations.request({
        jobId,
        runId,
        ...order,
        gracePeriod: order.mode === 'force' ? 0 : gracePeriod,
      }),
    );
  }

  private async optional(consequence: string, work: Promise<unknown>): Promise<void> {
    try {
      await this.store.soon(databasePatienceMs, work);
    } catch (error) {
      this.logger.warn(`${consequence}: ${String(error)}`);
    }
  }
}
