import proto from '@temporalio/proto';
import type { FinalStatus } from '../../job-types/job.js';

const closed = proto.temporal.api.enums.v1.WorkflowExecutionStatus;

/** The ends a job can have whose run Temporal closed like this; the first one where nothing more is known. */
export const endsByClose: Readonly<Record<number, readonly [FinalStatus, ...FinalStatus[]]>> = {
  [closed.WORKFLOW_EXECUTION_STATUS_COMPLETED]: ['succeeded'],
  [closed.WORKFLOW_EXECUTION_STATUS_FAILED]: ['failed', 'timed_out'],
  [closed.WORKFLOW_EXECUTION_STATUS_CANCELED]: ['cancelled'],
  [closed.WORKFLOW_EXECUTION_STATUS_TERMINATED]: ['terminated', 'cancelled'],
  [closed.WORKFLOW_EXECUTION_STATUS_TIMED_OUT]: ['timed_out', 'cancelled'],
};
