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
}

/** The frame's own activities: not steps a person would recognise. */
export function createOutcomeActivities({ jobOver, receipts, writer }: OutcomeDependencies) {
  return {
    /** The last step of every job. Its outcome is decided; the run closes with exactly that a moment later. */
    async archiveOutcome(job: ArchivedJob): Promise<void> {
      const { jobId, runId } = currentStep();
      await letEventsPass(jobId, writer);
      await jobOver({ jobId, runId, job, archived: false, closed: false });
    },

    /** After a cancel: what the step's effect left if it happened; otherwise the effect is ruled out from here on. */
    async settleStep({ step }: { step: string }): Promise<unknown> {
      const { rootJobId, runId } = currentStep();
      return receipts.settle({ rootJobId, step, runId });
    },
  };
}

/** The frame's own word about the end must not overtake what the steps said, which a log that has ended would refuse. */
async function letEventsPass(jobId: string, writer: OutcomeDependencies['writer']): Promise<void> {
  if (await writer.flush(jobId)) return;
  throw new StepFailure('storage-unavailable', 'The database has not taken the events of the steps yet.');
}
