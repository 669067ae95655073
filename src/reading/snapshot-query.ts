import { Logger } from '@nestjs/common';
import type { JobSnapshot } from '../../job-types/contract/outcome.js';
import type { TemporalClient } from '../temporal/temporal-client.js';
import { type Stored, snapshotOf } from './earlier-forms.js';
import { good, worthAsking } from './freshness.js';
import type { Run } from './run.js';

const logger = new Logger('jobs');

/** Asks the workflow of one job for its own view, at most once a change of its history. */
export class SnapshotQuery {
  /** The run as it was when the last query was sent. */
  private asked: Run | null = null;
  /** A server refuses two at once, and its client would repeat them. */
  private asking = false;
  private notBefore = 0;

  constructor(private readonly temporal: TemporalClient) {}

  /** The snapshot of this state of the run; null when there is none to be had, or none that is new. */
  async ask(run: Run): Promise<JobSnapshot | null> {
    if (!worthAsking(run, this.asked) || this.asking || Date.now() < this.notBefore) return null;
    this.asked = run;
    this.asking = true;
    try {
      const stored = await this.temporal.callWithin(good.query, (client) =>
        client.workflow.getHandle(run.jobId, run.presentRunId).query<Stored<JobSnapshot>>('status'),
      );
      return snapshotOf(stored);
    } catch (error) {
      // Without it the steps come from the event log; a missing worker is a state of the job, not an error of the read.
      this.notBefore = Date.now() + good.queryPause;
      this.asked = null;
      logger.debug(`no snapshot of ${run.jobId}: ${String(error)}`);
      return null;
    } finally {
      this.asking = false;
    }
  }
}
