import type { ArchivedJob } from '../../job-types/contract/outcome.js';
import type { Concurrency, IsOpen } from '../../store/concurrency.js';
import type { NewEvent } from '../../store/events.js';
import type { Outcomes } from '../../store/outcomes.js';
import type { Receipts } from '../../store/receipts.js';
import type { EventWriter } from './event-writer.js';
import { StepFailure } from './step-failure.js';
import { currentStep } from './step.js';

export interface OutcomeDependencies {
  outcomes: Outcomes;
  receipts: Receipts;
  writer: Pick<EventWriter, 'announce' | 'flush'>;
  concurrency: Concurrency;
  isOpen: IsOpen;
  /** Tells a job that queues that its turn may have come. */
  callTurn(jobId: string): Promise<void>;
}

/** The frame's own activities: not steps a person would recognise. */
export function createOutcomeActivities(deps: OutcomeDependencies) {
  return {
    async archiveOutcome(job: ArchivedJob): Promise<void> {
      const { jobId, runId } = currentStep();
      await letEventsPass(jobId, deps);
      const { type, owner, outcome } = job;
      const { status, finishedAt } = outcome;
      const end: NewEvent = {
        key: `${runId}/${status}`,
        type: `job.${status}`,
        time: finishedAt,
        data: { failure: outcome.failure },
      };
      await deps.outcomes.put({ jobId, runId, type, owner, status, job, finishedAt }, { told: [end] });
      deps.writer.announce(jobId);
      const key = job.memo['concurrencyKey'];
      if (typeof key !== 'string') return;
      const next = await deps.concurrency.release({ owner, type, key, jobId }, deps.isOpen);
      if (next) await deps.callTurn(next);
    },

    /** After a cancel: what the step's effect left if it happened; otherwise the effect is ruled out from here on. */
    async settleStep({ step }: { step: string }): Promise<unknown> {
      const { rootJobId, runId } = currentStep();
      return deps.receipts.settle({ rootJobId, step, runId });
    },
  };
}

/** The frame's own word about the end must not overtake what the steps said, which a log that has ended would refuse. */
async function letEventsPass(jobId: string, { writer }: Pick<OutcomeDependencies, 'writer'>): Promise<void> {
  if (await writer.flush(jobId)) return;
  throw new StepFailure('storage-unavailable', 'The database has not taken the events of the steps yet.');
}
