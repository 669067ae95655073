import { Injectable } from '@nestjs/common';
import { CallLane } from '../temporal/call-lane.js';
import { LaneWidth } from '../temporal/lane-width.js';
import { NoAnswer, TemporalClient, busyMs, inLineMs } from '../temporal/temporal-client.js';
import { type Run, toRun } from './run.js';

/**
 * Asked about all at once, a busy server answers none of them in time. A freshly started API to which 2,000 watchers of
 * 200 jobs came back answered some 2,500 polls with 503, and 300 to 700 with this. At 50 ms a call: 480 jobs a second.
 */
const describesAtOnce = { least: 4, first: 24, most: 96 };

/** What Temporal says of the runs of jobs, asked each time. */
@Injectable()
export class Runs {
  private readonly lane = new CallLane(new LaneWidth(describesAtOnce));

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
    { runId, limitMs }: { runId?: string | null; limitMs?: number } = {},
  ): Promise<Run | null> {
    return this.temporal.call(
      async (client) => toRun(await client.workflow.getHandle(jobId, runId ?? undefined).describe(), client),
      limitMs,
    );
  }

  /** For those who poll, of whom there may be many: for the line, too. A call whose turn comes too late is not sent. */
  describeInTurn(jobId: string): Promise<Run | null> {
    const asked = performance.now();
    const call = async (leftMs: number) => {
      if (leftMs === 0) throw new NoAnswer(performance.now() - asked);
      return this.describe(jobId, { limitMs: Math.min(leftMs, busyMs) });
    };
    return this.lane.through(call, { limitMs: inLineMs, leftMs: this.temporal.patience(inLineMs) });
  }
}
