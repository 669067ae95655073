import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

const { HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT } = proto.temporal.api.enums.v1.HistoryEventFilterType;

/** Why we terminate a run of which certainly nothing was done: such a job counts as cancelled. */
export const untouchedReason = 'cancelled before any of it was done';

/** Whether a terminated run was terminated for that. Its last event says so, `describe` does not. */
export async function endedUntouched(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId: string },
): Promise<boolean> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    historyEventFilterType: HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
  });
  const close = history?.events?.at(-1)?.workflowExecutionTerminatedEventAttributes;
  return close?.reason === untouchedReason;
}
