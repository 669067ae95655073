import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { DueCancellation } from '../../store/cancellations.js';
import type { Run } from '../reading/run.js';
import { JobEnds } from '../ends/job-ends.js';
import { JobReader } from '../reading/job-reader.js';
import { Runs } from '../reading/runs.js';
import { untouchedReason } from '../temporal/terminate-reason.js';
import { cancelling } from '../database/api-events.js';
import { JobTeller } from '../database/job-teller.js';
import { Store } from '../database/store.js';
import { Rounds } from '../rounds.js';
import { TemporalClient } from '../temporal/temporal-client.js';
import { isUntouched, requestCancel, terminate } from './cancel-calls.js';

/** How late a deadline is carried out at most. */
const everyMs = 1_000;
/** At once in one process. */
const mostAtOnce = 20;

/**
 * Carries out the deadlines of cancels in every API process, whichever took the cancel and whether or not it still
 * lives. What is due stands in the database, and is shared out there.
 */
@Injectable()
export class Escalator implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('cancel');
  private readonly rounds = new Rounds({
    round: (signal) => this.carryOutAll(signal),
    everyMs,
    firstAfterMs: 0,
    uneven: true,
    onOutage: (error) => this.logger.warn(`deadlines of cancels wait for the database: ${String(error)}`),
  });

  constructor(
    private readonly temporal: TemporalClient,
    private readonly store: Store,
    private readonly runs: Runs,
    private readonly ends: JobEnds,
    private readonly reader: JobReader,
    private readonly teller: JobTeller,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.begin();
  }

  onModuleDestroy(): Promise<void> {
    return this.rounds.end();
  }

  private async carryOutAll(signal: AbortSignal): Promise<void> {
    let count = mostAtOnce;
    while (count === mostAtOnce && !signal.aborted) {
      count = await this.store.cancellations.eachDue(mostAtOnce, (due) => this.attempt(due));
    }
  }

  /** What fails here is due again in the next round. */
  private async attempt(due: DueCancellation): Promise<void> {
    try {
      await this.carryOut(due);
    } catch (error) {
      this.logger.warn(`the cancel of ${due.jobId} is carried out later: ${String(error)}`);
    }
  }

  private async carryOut(due: DueCancellation): Promise<void> {
    const { jobId, reason } = due;
    const run = await this.find(due);
    if (!run || run.finishedAt !== null) {
      const escalated = due.escalated && run?.execution === 'TERMINATED';
      await this.store.cancellations.settle(jobId, { escalated });
    } else if (due.mode === 'graceful' && !run.cancelRequested) {
      // The process that took the cancel could not send it: the job gets its whole time from now on.
      await requestCancel(this.temporal, { jobId, reason });
      const { runId } = run;
      this.teller.tell(jobId, cancelling({ runId, mode: due.mode, reason, by: due.requestedBy }));
      await this.store.cancellations.rearm(jobId);
      // Its time may be shorter than the one between two heartbeats.
      await this.store.cancellations.announce({ jobId, runId });
      return;
    } else {
      await this.end(run, due);
    }
    this.reader.forget(jobId);
    await this.ends.seeTo(jobId);
  }

  private async end(run: Run, { mode, reason }: DueCancellation): Promise<void> {
    const { jobId, presentRunId } = run;
    const present = () => this.runs.describe(jobId);
    // So that a job of which nothing was done counts as cancelled.
    if (!run.begun && !run.cancelRequested) await requestCancel(this.temporal, { jobId, reason });
    const untouched = !run.begun && isUntouched(await this.runs.describe(jobId, { runId: presentRunId }));
    const escalated = mode === 'graceful' && !untouched;
    if (escalated) await this.store.cancellations.escalate(jobId);
    const why = untouched ? untouchedReason : 'cancel deadline passed';
    await terminate(this.temporal, { run, reason: why, present });
    const ended = await present();
    await this.store.cancellations.settle(jobId, {
      escalated: escalated && ended?.execution === 'TERMINATED' && ended.runId === run.runId,
    });
    this.logger.log(`${jobId} did not stop in time and was ended`);
  }

  /** The run that was asked to stop, or what it went on as; not one that an operator made of it by a reset. */
  private async find({ jobId, runId }: DueCancellation): Promise<Run | null> {
    try {
      const run = await this.runs.describe(jobId);
      return runId === null || run?.runId === runId ? run : await this.runs.describe(jobId, { runId });
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  }
}
