import type { Logger } from '@temporalio/common';
import type { ArchivedJob } from '../../job-types/contract/outcome.js';
import type { JobOver } from '../../store/job-over.js';
import type { Receipts } from '../../store/receipts.js';
import type { EventWriter } from './event-writer.js';
import { StepFailure } from './step-failure.js';
import { currentStep } from './step.js';

export interface OutcomeDependencies {
  jobOver: JobOver;
  receipts: Receipts;
  writer: Pick<EventWriter, 'flush'>;
  /** The worker's log. */
  log: Pick<Logger, 'info'>;
}

/** The frame's own activities: not steps a person would recognise. */
export function createOutcomeActivities({ jobOver, receipts, writer, log }: OutcomeDependencies) {
  /** The one line of a job in the worker's log. What people have given and models have said stays out. */
  function tell(jobId: string, { type, owner, createdAt, outcome }: ArchivedJob): void {
    const { status, failure, finishedAt, steps } = outcome;
    log.info(`job ${status}`, {
      job: jobId,
      jobType: type,
      owner,
      seconds: (Date.parse(finishedAt) - Date.parse(createdAt)) / 1_000,
      ...(failure ? { failureCode: failure.code, step: failure.step ?? steps.at(-1)?.name } : {}),
    });
  }

  return {
    /** The last step of every job. Its outcome is decided; the run closes with exactly that a moment later. */
    async archiveOutcome(job: ArchivedJob): Promise<void> {
      const { jobId, runId } = currentStep();
      await letEventsPass(jobId, writer);
      await jobOver({ jobId, runId, job, archived: false, closed: false });
      tell(jobId, job);
    },

    /** After a cancel: what the step's effect left if it happened; otherwise the effect is ruled out from here on. */
    async settleStep({ step, item }: { step: string; item?: string | null }): Promise<unknown> {
      const { rootJobId, runId } = currentStep();
      return receipts.settle({ rootJobId, step, item: item ?? null, runId });
    },
  };
}

/** The frame's own word about the end must not overtake what the steps said, which a log that has ended would refuse. */
async function letEventsPass(jobId: string, writer: OutcomeDependencies['writer']): Promise<void> {
  if (await writer.flush(jobId)) return;
  throw new StepFailure('storage-unavailable', 'The database has not taken the events of the steps yet.');
}
