import type { ArchivedJob } from '../../job-types/contract/outcome.js';
import type { Concurrency, IsOpen } from '../../store/concurrency.js';
import { type About, type NewEvent, stateKey } from '../../store/events.js';
import type { Outcomes } from '../../store/outcomes.js';
import type { Receipts } from '../../store/receipts.js';
import type { EventWriter } from './event-writer.js';
import { currentStep } from './step.js';

export interface OutcomeDependencies {
  outcomes: Outcomes;
  receipts: Receipts;
  readers: Pick<EventWriter, 'announce'>;
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
      const { type, owner, outcome } = job;
      const { status, finishedAt } = outcome;
      const end: NewEvent = {
        key: stateKey(runId, status),
        type: `job.${status}`,
        time: finishedAt,
        data: { failure: outcome.failure },
        about: aboutOf(job),
      };
      await deps.outcomes.put({ jobId, runId, type, owner, status, job, finishedAt }, { told: [end] });
      deps.readers.announce(jobId, owner);
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

/** What the memo of the start says; one from before it said so has no subject. */
function aboutOf({ owner, type, memo }: ArchivedJob): About {
  const { subject, tags } = memo as Partial<Pick<About, 'subject' | 'tags'>>;
  return { owner, type, ...(subject === undefined ? {} : { subject }), ...(tags ? { tags } : {}) };
}
