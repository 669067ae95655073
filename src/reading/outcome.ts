import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Failure } from '../../job-types/contract/failure.js';
import type { FinalStatus } from '../../job-types/contract/job.js';
import type { ArchivedJob, JobOutcome } from '../../job-types/contract/outcome.js';
import type { ArchivedOutcome } from '../../store/outcomes.js';
import type { TemporalClient } from '../temporal/temporal-client.js';
import type { Run } from './run.js';

/** A run that Temporal has closed, and how that makes the job end. */
export interface RunEnd {
  run: Run;
  status: FinalStatus;
}

/** Whether the archive tells this end. While Temporal knows the run, Temporal wins; the archive knows more of it. */
export const tells = (
  archived: ArchivedOutcome<ArchivedJob> | null | undefined,
  { run, status }: RunEnd,
): archived is ArchivedOutcome<ArchivedJob> => archived?.runId === run.runId && archived.status === status;

/** The outcome as far as Temporal knows it, for a job that did not archive it. */
export async function outcomeByTemporal(
  { run, status }: RunEnd,
  temporal: TemporalClient,
): Promise<JobOutcome> {
  const base = {
    status,
    // With a concurrency key, it is in the log when its turn came, if ever it did.
    startedAt: run.begun && run.memo.concurrencyKey === undefined ? run.dueAt : null,
    finishedAt: run.finishedAt ?? new Date().toISOString(),
    steps: [],
    usage: null,
    output: null,
    waitingFor: [],
    answers: [],
    result: null,
    failure: null,
  };
  try {
    const result: unknown = await temporal.call((client) =>
      client.workflow.getHandle(run.jobId, run.presentRunId).result(),
    );
    return { ...base, result };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    const failure = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
    return { ...base, failure: (failure as Failure | undefined) ?? null };
  }
}
