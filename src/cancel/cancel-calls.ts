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

export interface Termination {
  run: Run;
  reason: string;
  /** The job's run as it is now. */
  present: () => Promise<Run | null>;
}

/** Tries. A run that continues another lasts longer than one of them, mostly. */
const mostContinued = 20;

/**
 * Ends this run at once, or the one that continues it at that moment. It never ends one that an operator made of it by a
 * reset, and does nothing when the run has ended by itself.
 */
export async function terminate(
  temporal: TemporalClient,
  { run, reason, present }: Termination,
): Promise<void> {
  let open: Run | null = run;
  for (let tries = 0; open && tries < mostContinued; tries += 1) {
    if (await terminatesAt(temporal, { run: open, reason })) return;
    const now: Run | null = await present();
    open = now && now.finishedAt === null && now.runId === run.runId ? now : null;
  }
}

/** @returns false when this very run had closed */
async function terminatesAt(
  temporal: TemporalClient,
  { run, reason }: Pick<Termination, 'run' | 'reason'>,
): Promise<boolean> {
  const { jobId, presentRunId: runId } = run;
  try {
    await temporal.call(({ workflowService }) =>
      workflowService.terminateWorkflowExecution({
        namespace: temporal.namespace,
        workflowExecution: { workflowId: jobId, runId },
        identity,
        reason,
      }),
    );
    return true;
  } catch (error) {
    // What it gets for a run that has closed.
    if (grpcCode(error) !== grpcCodes.notFound) throw error;
    return false;
  }
}
