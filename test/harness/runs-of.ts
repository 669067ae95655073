import type { House } from './house.js';

/** The runs of a job that continued each other, oldest first, as Temporal has them. */
export async function runsOf(house: House, id: string): Promise<{ runId: string; status: string }[]> {
  const found: { runId: string; status: string }[] = [];
  let runId: string | undefined;
  for (;;) {
    const handle = house.temporal.workflow.getHandle(id, runId);
    const [{ runId: own, status }, { events }] = await Promise.all([
      handle.describe(),
      handle.fetchHistory(),
    ]);
    found.unshift({ runId: own, status: status.name });
    const before = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
    if (!before) return found;
    runId = before;
  }
}
