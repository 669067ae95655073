import type { ArchivedJob, JobOutcome } from '../../job-types/contract/outcome.js';
import type { Cancellation } from '../../store/cancellations.js';
import type { ArchivedOutcome } from '../../store/outcomes.js';
import type { JobMemo } from './run.js';
import type { JobFacts } from './job-view.js';
import { snapshotOf } from './earlier-forms.js';
import { sentenceOf } from './status.js';

export interface ArchiveDetails {
  log: JobFacts['log'];
  cancellation: Cancellation | null;
  temporalUi: string | null;
}

/** A job of which only the archive tells: the namespace has forgotten it, or Temporal is away. */
export function toArchivedFacts(archived: ArchivedOutcome<ArchivedJob>, details: ArchiveDetails): JobFacts {
  const { jobId, runId, status, job } = archived;
  const outcome = snapshotOf<JobOutcome>(job.outcome);
  return {
    ...details,
    id: jobId,
    runId,
    type: job.type,
    memo: { tags: [], metadata: {}, ...(job.memo as Partial<JobMemo>), owner: job.owner },
    status,
    sentence: sentenceOf(status),
    stalled: null,
    createdAt: job.createdAt,
    finishedAt: outcome.finishedAt,
    snapshot: outcome,
    source: 'snapshot',
    output: outcome.output,
    outcome,
    activities: [],
    cancelRequested: details.cancellation !== null,
    waitingFor: [],
  };
}
