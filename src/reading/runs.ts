import { Injectable } from '@nestjs/common';
import { TemporalClient, callDeadlineMs } from '../temporal/temporal-client.js';
import { CallLane } from '../temporal/call-lane.js';
import { type Run, toRun } from './run.js';

/**
 * Asked about all at once, a busy server answers none of them in time. A freshly started API to which 2,000 watchers of
 * 200 jobs came back answered some 2,500 polls with 503, and 300 to 700 with this. At 50 ms a call: 480 jobs a second.
 */
const describesAtOnce = 24;

/** What Temporal says of the runs of jobs, asked each time. */
@Injectable()
export class Runs {
  private readonly lane = new CallLane(describesAtOnce);

  constructor(private readonly temporal: TemporalClient) {}

  /** Whether one that is described in turn would have to wait. */
  get crowded(): boolean {
    return this.lane.full;
  }

  /**
   * As it is now: the job's present run, or the one given. Null when it is not a job.
   * @throws {WorkflowNotFoundError}
   */
  describe(
    jobId: string,
    { runId, deadlineMs }: { runId?: string | null; deadlineMs?: number } = {},
  ): Promise<Run | null> {
    return this.temporal.call(
      async (client) => toRun(await client.workflow.getHandle(jobId, runId ?? undefined).describe(), client),
      deadlineMs,
    );
  }

  /** For those who poll, of whom there may be many. A call whose turn comes too late fails of its deadline, unsent. */
  describeInTurn(jobId: string): Promise<Run | null> {
    const call = (leftMs: number) => this.describe(jobId, { deadlineMs: leftMs });
    return this.lane.through(call, { limitMs: callDeadlineMs });
  }
}
