import type { Client, WorkflowExecutionDescription } from '@temporalio/client';

/** Why a run was terminated that no worker had taken. */
export const untouchedReason = 'cancelled before any of it was done';

/** Of a history. The first completed task of a run is among its first few events, whatever came between. */
const pageSize = 50;

/**
 * Whether a run that was asked to stop, and then ended from outside, had done nothing: the request was in its history
 * before a worker took the first task that was ever completed. Whoever takes a task with the request in it does no step.
 * `describe` does not tell, and a worker may have taken that task in the very moment of the end.
 */
export async function endedUntouched(
  { workflowId, runId }: WorkflowExecutionDescription,
  client: Client,
): Promise<boolean> {
  const { history, nextPageToken } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: pageSize,
  });
  const events = history?.events ?? [];
  const asked = events.findIndex((event) => event.workflowExecutionCancelRequestedEventAttributes);
  const done = events.findIndex((event) => event.workflowTaskCompletedEventAttributes);
  if (asked === -1) return false;
  if (done === -1) return !nextPageToken?.length;
  return asked < events.slice(0, done).findLastIndex((event) => event.workflowTaskStartedEventAttributes);
}
