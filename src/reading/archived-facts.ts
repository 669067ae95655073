import type { ArchivedJob } from '../../job-types/contract/outcome.js';
import type { Cancellation } from '../../store/cancellations.js';
import type { ArchivedOutcome } from '../../store/outcomes.js';
import type { JobMemo } from './run.js';
import type { JobFacts } from './job-view.js';
import { sentenceOf } from './status.js';

export interface ArchiveDetails {
  log: JobFacts['log'];
  usage: JobFacts['usage'];
  cancellation: Cancellation | null;
  temporalUi: string | null;
}

/** A job of which only the archive tells: the namespace has forgotten it, or Temporal is away. */
export function toArchivedFacts(archived: ArchivedOutcome<ArchivedJob>, details: ArchiveDetails): JobFacts {
  const { jobId, runId, status, job } = archived;
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
    finishedAt: job.outcome.finishedAt,
    snapshot: job.outcome,
    source: 'snapshot',
    output: job.outcome.output,
    outcome: job.outcome,
    activities: [],
    cancelRequested: details.cancellation !== null,
    waitingFor: null,
  };
}
