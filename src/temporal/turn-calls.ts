import { type Client, WorkflowNotFoundError } from '@temporalio/client';

/** @returns false for a job that has closed, null for one that Temporal does not know. */
export async function isOpen(client: Client, jobId: string): Promise<boolean | null> {
  try {
    const { closeTime } = await client.workflow.getHandle(jobId).describe();
    return closeTime === undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** Tells a job that queues that its turn may have come. One that is not started yet, or has just closed, needs no call. */
export async function callTurn(client: Client, jobId: string): Promise<void> {
  try {
    await client.workflow.getHandle(jobId).signal('turn');
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
