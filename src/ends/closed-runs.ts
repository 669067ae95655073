import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import type { FinalStatus } from '../../job-types/contract/job.js';
import { usualEnds } from '../reading/usual-ends.js';
import type { TemporalClient } from '../temporal/temporal-client.js';

const pageSize = 200;
/** A page of visibility is heavier than a describe. */
const pageDeadlineMs = 3_000;

/** What visibility knows of the end of a run. */
export interface ClosedRun {
  jobId: string;
  runId: string;
  closedAt: Date;
  /** By how Temporal closed it. */
  usualEnd: FinalStatus;
}

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
      const usualEnd = usualEnds[status ?? 0];
      const closedAt = optionalTsToDate(closeTime);
      return jobId && runId && usualEnd && closedAt ? [{ jobId, runId, closedAt, usualEnd }] : [];
    });
    token = page.nextPageToken;
  } while (token?.length);
}
