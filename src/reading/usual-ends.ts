import proto from '@temporalio/proto';
import type { FinalStatus } from '../../job-types/contract/job.js';

const closed = proto.temporal.api.enums.v1.WorkflowExecutionStatus;

/**
 * How a job mostly ended whose run Temporal closed like this. One that failed may have timed out. One that was
 * terminated or timed out was cancelled if nothing of it had begun. Only a describe tells that.
 */
export const usualEnds: Readonly<Record<number, FinalStatus>> = {
  [closed.WORKFLOW_EXECUTION_STATUS_COMPLETED]: 'succeeded',
  [closed.WORKFLOW_EXECUTION_STATUS_FAILED]: 'failed',
  [closed.WORKFLOW_EXECUTION_STATUS_CANCELED]: 'cancelled',
  [closed.WORKFLOW_EXECUTION_STATUS_TERMINATED]: 'terminated',
  [closed.WORKFLOW_EXECUTION_STATUS_TIMED_OUT]: 'timed_out',
};
