import { Injectable } from '@nestjs/common';
import { WorkflowNotFoundError } from '@temporalio/client';
import { isFinal } from '../../job-types/contract/job.js';
import type { ArchivedJob } from '../../job-types/contract/outcome.js';
import { type JobOver, createJobOver } from '../../store/job-over.js';
import { Store } from '../database/store.js';
import { type RunEnd, outcomeByTemporal, tells } from '../reading/outcome.js';
import { type Run, endedFromOutside } from '../reading/run.js';
import { Runs } from '../reading/runs.js';
import { statusOf } from '../reading/status.js';
import { TemporalClient } from '../temporal/temporal-client.js';
import { Turns } from './turns.js';

/**
 * How a job was found: `unknown` to Temporal and to the archive, or `over`, as the archive told already. `archived` is
 * over as well, and the archive was written or corrected just now.
 */
export type Found = 'open' | 'unknown' | 'over' | 'archived';

/**
 * Sees to the jobs that Temporal has closed: does what happens when a job is over. The sweep asks for it for what nobody
 * watches. Those who watch a job, or have ended it, ask for that one at once. Reading a job never does.
 */
@Injectable()
export class JobEnds {
  private readonly jobOver: JobOver;

  constructor(
    private readonly runs: Runs,
    private readonly temporal: TemporalClient,
    private readonly store: Store,
    turns: Turns,
  ) {
    const { outcomes, events, concurrency, places } = store;
    const { isOpen, callTurn } = turns;
    const announce = (jobId: string, owner: string) => events.announce([jobId], { owners: [owner] });
    this.jobOver = createJobOver({
      ...{ outcomes, events, concurrency, places },
      ...{ isOpen, callTurn, announce },
    });
  }

  /**
   * Does what is to be done when a job is over, if it is. Asks Temporal alone as long as it is not.
   * @throws when Temporal or the database is away
   */
  async seeTo(jobId: string): Promise<Found> {
    const run = await this.find(jobId);
    const status = run && statusOf(run).status;
    if (status && !isFinal(status)) return 'open';
    const archived = await this.store.outcomes.find<ArchivedJob>(jobId);
    if (run && status && !tells(archived, { run, status })) {
      await this.archive({ run, status });
      return 'archived';
    }
    if (!archived) return 'unknown';
    const { runId, job } = archived;
    await this.jobOver({ jobId, runId, job, archived: true, closed: true });
    return 'over';
  }

  /** Null for what Temporal has forgotten, which has ended as the archive tells, and for what is no job. */
  private async find(jobId: string): Promise<Run | null> {
    try {
      return await this.runs.describe(jobId);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  }

  private async archive({ run, status }: RunEnd): Promise<void> {
    const { jobId, runId, presentRunId, type, createdAt, memo } = run;
    const byTemporal = await outcomeByTemporal({ run, status }, this.temporal);
    const said = endedFromOutside(run.execution) ? await this.store.events.said(run) : null;
    const outcome = { ...byTemporal, output: said?.output ?? null };
    const job: ArchivedJob = {
      ...{ type, owner: memo.owner, createdAt, memo: { ...memo }, outcome },
      ...(presentRunId === runId ? {} : { lastRun: presentRunId }),
    };
    await this.jobOver({ jobId, runId, job, archived: false, closed: true });
  }
}
