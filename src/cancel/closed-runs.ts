import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import type { FinalStatus } from '../../job-types/job.js';
import { endsByClose } from '../jobs/ends-by-close.js';
import type { TemporalClient } from '../temporal/temporal-client.js';

const pageSize = 200;
/** A page of visibility is heavier than a describe. */
const pageDeadlineMs = 3_000;

/** What visibility knows of the end of a run. */
export interface ClosedRun {
  jobId: string;
  runId: string;
  closedAt: Date;
  /** The ends a job can have whose run Temporal closed like this, the usual one first. */
  ends: readonly [FinalStatus, ...FinalStatus[]];
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
      const ends = endsByClose[status ?? 0];
      const closedAt = optionalTsToDate(closeTime);
      return jobId && runId && ends && closedAt ? [{ jobId, runId, closedAt, ends }] : [];
    });
    token = page.nextPageToken;
  } while (token?.length);
}
