import type { Client } from '@temporalio/client';
import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import type { temporal as proto } from '@temporalio/proto';
import type { FinalStatus } from '../../job-types/contract/job.js';
import type { ContinuedMemo } from '../reading/run.js';
import { usualEnds } from '../reading/usual-ends.js';
import type { TemporalClient } from '../temporal/temporal-client.js';

const pageSize = 200;
/** A page of visibility is heavier than a describe. */
const pageDeadlineMs = 3_000;

/** What visibility knows of the end of a run. */
export interface ClosedRun {
  jobId: string;
  /** As the archive has it. */
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
    const list = ({ workflowService }: Client) =>
      workflowService.listWorkflowExecutions({
        namespace: temporal.namespace,
        query,
        pageSize,
        ...(token ? { nextPageToken: token } : {}),
      });
    const page = await temporal.callWithin(pageDeadlineMs, (client) =>
      whileLetLive(signal, (own) => client.withAbortSignal(own, () => list(client))),
    );
    yield (page.executions ?? []).flatMap(({ execution, status, closeTime, memo }) => {
      const jobId = execution?.workflowId;
      const runId = continuedRun(memo) ?? execution?.runId;
      const usualEnd = usualEnds[status ?? 0];
      const closedAt = optionalTsToDate(closeTime);
      return jobId && runId && usualEnd && closedAt ? [{ jobId, runId, closedAt, usualEnd }] : [];
    });
    token = page.nextPageToken;
  } while (token?.length);
}

/** The run that one continues, as its memo says; it is JSON unless it is large, which this is not. */
function continuedRun(memo: proto.api.common.v1.IMemo | null | undefined): string | null {
  const data = memo?.fields?.['continued']?.data;
  return data ? (JSON.parse(Buffer.from(data).toString()) as ContinuedMemo).runId : null;
}

/**
 * The SDK never takes its listener off the signal that a call is made with. If that lives as long as the process, so does
 * all that each call has read.
 */
async function whileLetLive<T>(signal: AbortSignal, call: (own: AbortSignal) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const own = new AbortController();
  const stop = () => own.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await call(own.signal);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
