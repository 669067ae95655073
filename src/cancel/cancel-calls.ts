import { randomUUID } from 'node:crypto';
import type { Run } from '../reading/run.js';
import { grpcCodes } from '../temporal/grpc-codes.js';
import { type TemporalClient, grpcCode } from '../temporal/temporal-client.js';

const identity = 'longhaul-api';

/**
 * Whether a run is certain to end without a step, whoever takes its first task. The request to stop is in the history,
 * and no worker has that task yet.
 */
export const isUntouched = (run: Run | null): boolean =>
  run !== null && run.finishedAt === null && run.cancelRequested && !run.begun && !run.workflowTask?.taken;

/** Asks the job's present run to stop; harmless when it was asked before or has ended. The reason goes into the history. */
export async function requestCancel(
  temporal: TemporalClient,
  { jobId, reason }: { jobId: string; reason: string | null },
): Promise<void> {
  await temporal.call(({ workflowService }) =>
    workflowService.requestCancelWorkflowExecution({
      namespace: temporal.namespace,
      workflowExecution: { workflowId: jobId },
      requestId: randomUUID(),
      identity,
      reason: reason ?? '',
    }),
  );
}

/** Ends this run at once, and never another one of the job. Does nothing when the run has ended by itself. */
export async function terminate(
  temporal: TemporalClient,
  { jobId, runId, reason }: { jobId: string; runId: string; reason: string },
): Promise<void> {
  try {
    await temporal.call(({ workflowService }) =>
      workflowService.terminateWorkflowExecution({
        namespace: temporal.namespace,
        workflowExecution: { workflowId: jobId, runId },
        identity,
        reason,
      }),
    );
  } catch (error) {
    // What it gets for a run that has closed.
    if (grpcCode(error) !== grpcCodes.notFound) throw error;
  }
}
