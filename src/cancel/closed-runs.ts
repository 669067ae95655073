import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import type { FinalStatus } from '../../job-types/job.js';
import type { TemporalClient } from '../temporal/temporal-client.js';

const pageSize = 200;
/** A page of visibility is heavier than a describe. */
const pageDeadlineMs = 3_000;

/** What visibility knows of the end of a run. */
export interface ClosedRun {
  jobId: string;
  runId: string;
  closedAt: Date;
  /** The ends a job can have whose run Temporal closed like this. */
  ends: readonly FinalStatus[];
}

/** By close status of Temporal (temporal.api.enums.v1.WorkflowExecutionStatus). */
const endsByStatus: Readonly<Record<number, readonly FinalStatus[]>> = {
  2: ['succeeded'],
  3: ['failed', 'timed_out'],
  4: ['cancelled'],
  5: ['terminated', 'cancelled'],
  7: ['timed_out', 'cancelled'],
};

/** Last closed first, as visibility gives them. */
export async function* closedRuns(
  temporal: TemporalClient,
  { query, signal }: { query: string; signal: AbortSignal },
): AsyncGenerator<ClosedRun[]> {
  let token: Uint8Array | null | undefined;
  do {
    const page = await temporal.call(
      (client) =>
        client.withAbortSignal(signal, () =>
          client.workflowService.listWorkflowExecutions({
            namespace: temporal.namespace,
            query,
            pageSize,
            ...(token ? { nextPageToken: token } : {}),
          }),
        ),
      pageDeadlineMs,
    );
    yield (page.executions ?? []).flatMap(({ execution, status, closeTime }) => {
      const { workflowId: jobId, runId } = execution ?? {};
      const ends = endsByStatus[status ?? 0];
      const closedAt = optionalTsToDate(closeTime);
      return jobId && runId && ends && closedAt ? [{ jobId, runId, closedAt, ends }] : [];
    });
    token = page.nextPageToken;
  } while (token?.length);
}
