import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import { jobStatusKey } from './search-attributes.js';
import { isTemporalUnavailable } from './temporal-client.js';

/**
 * Whether a job is open that has a place under a concurrency key.
 * @returns false for one that has closed, or that names another key; null for one that Temporal does not know.
 */
export async function isOpen(
  client: Client,
  { jobId, key }: { jobId: string; key: string },
): Promise<boolean | null> {
  try {
    const { closeTime, memo } = await client.workflow.getHandle(jobId).describe();
    // Two requests with one Idempotency-Key may have named two, and another one was started than took this place.
    const isKeys = memo?.['owner'] === undefined || memo['concurrencyKey'] === key;
    return closeTime === undefined && isKeys;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** Whether a job that has a place in a queue will come to use it: it is there, and does not wait for a person. */
export async function isComing(client: Client, jobId: string): Promise<boolean> {
  const handle = client.workflow.getHandle(jobId);
  try {
    const found = await client.withDeadline(Date.now() + runDeadlineMs, () => handle.describe());
    return found.closeTime === undefined && found.typedSearchAttributes.get(jobStatusKey) !== 'waiting';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** A step that has written holds its locks meanwhile. */
const runDeadlineMs = 2_000;

/** Whether this very run of a job is open. While Temporal is away nobody can have ended it in a way that was told. */
export async function isRunOpen(
  client: Client,
  { jobId, runId }: { jobId: string; runId: string },
): Promise<boolean> {
  try {
    const handle = client.workflow.getHandle(jobId, runId);
    const { closeTime } = await client.withDeadline(Date.now() + runDeadlineMs, () => handle.describe());
    return closeTime === undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    if (isTemporalUnavailable(error)) return true;
    throw error;
  }
}

/** Whether an operator has made this very run of a job by a reset. */
export async function isReset(
  client: Client,
  { jobId, runId }: { jobId: string; runId: string },
): Promise<boolean> {
  const handle = client.workflow.getHandle(jobId, runId);
  const found = await client.withDeadline(Date.now() + runDeadlineMs, () => handle.describe());
  return wasReset(found);
}

/** What Temporal says of a run that it has made of another by a reset. */
export const wasReset = ({ raw }: WorkflowExecutionDescription): boolean =>
  Boolean(raw.workflowExtendedInfo?.lastResetTime);

/** Tells a job that queues that its turn may have come. One that is not started yet, or has just closed, needs no call. */
export async function callTurn(client: Client, jobId: string): Promise<void> {
  try {
    await client.workflow.getHandle(jobId).signal('turn');
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
