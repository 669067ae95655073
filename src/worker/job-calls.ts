import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';

/** @returns false for a job that has closed, null for one that Temporal does not know. */
export async function isOpen(jobId: string): Promise<boolean | null> {
  try {
    const { status } = await Context.current().client.workflow.getHandle(jobId).describe();
    return status.name === 'RUNNING' || status.name === 'PAUSED';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** A job that has just closed itself needs no call. */
export async function callTurn(jobId: string): Promise<void> {
  try {
    await Context.current().client.workflow.getHandle(jobId).signal('turn');
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
