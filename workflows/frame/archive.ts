import {
  CancellationScope,
  TemporalFailure,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { FrameActivities } from '../../activities/frame/own.js';
import type { JobOutcome } from '../../job-types/contract/outcome.js';
import { framePolicies } from './policies.js';

/** At once, by the worker that has just decided the outcome; where that does not work, as an activity with patience. */
export const archive = (owner: string, outcome: JobOutcome): Promise<void> =>
  CancellationScope.nonCancellable(async () => {
    const { workflowType: type, startTime, memo, runId } = workflowInfo();
    // What the answer to the submit has said; a run from before that was kept goes by its start.
    const createdAt = typeof memo?.['createdAt'] === 'string' ? memo['createdAt'] : startTime.toISOString();
    const isContinued = memo?.['continued'] !== undefined;
    const job = {
      ...{ type, owner, createdAt, memo: memo ?? {}, outcome },
      ...(isContinued ? { lastRun: runId } : {}),
    };
    const summary = `Archive the outcome: ${outcome.status}`;
    const atOnce = proxyLocalActivities<FrameActivities>({ ...framePolicies.atOnce, summary });
    const later = proxyActivities<FrameActivities>({
      ...framePolicies.archive,
      activityId: 'archive',
      summary,
    });
    for (const { archiveOutcome } of [atOnce, later]) {
      try {
        return await archiveOutcome(job);
      } catch (error) {
        // What a local activity throws arrives bare. The API archives what it sees closed without an archive; the
        // outcome itself is decided.
        if (!(error instanceof TemporalFailure)) throw error;
      }
    }
  });
