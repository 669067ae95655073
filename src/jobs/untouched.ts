import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import proto from '@temporalio/proto';

const { HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT } = proto.temporal.api.enums.v1.HistoryEventFilterType;

/**
 * Why a run was terminated whose request to cancel was in the history before its first task: a worker that takes that
 * task at the very moment of the terminate finds the request in it, and does no step.
 */
export const untouchedReason = 'cancelled before any of it was done';

/** Asks the history for what `describe` does not tell: why the run was terminated. */
export async function endedUntouched(
  { workflowId, runId }: WorkflowExecutionDescription,
  client: Client,
): Promise<boolean> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    historyEventFilterType: HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
  });
  return (history?.events ?? []).some(
    ({ workflowExecutionTerminatedEventAttributes: terminated }) => terminated?.reason === untouchedReason,
  );
}
