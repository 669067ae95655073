import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';

/** What an operator does to run a job again from its first step on. @returns the id of the new run */
export async function resetToBegin(temporal: Client, jobId: string): Promise<string> {
  const handle = temporal.workflow.getHandle(jobId);
  const [{ runId }, { events }] = await Promise.all([handle.describe(), handle.fetchHistory()]);
  const begun = events?.find((event) => event.workflowTaskCompletedEventAttributes);
  const reset = await temporal.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: jobId, runId },
    workflowTaskFinishEventId: begun?.eventId,
    reason: 'an operator wants it again',
    requestId: randomUUID(),
    // A cancel of the old run does not go on to the new one.
    resetReapplyExcludeTypes: [cancelRequests],
  });
  return reset.runId;
}

/** temporal.api.enums.v1.ResetReapplyExcludeType. */
const cancelRequests = 4;
