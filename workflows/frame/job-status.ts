import { SearchAttributeType, defineSearchAttributeKey } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';

/** The states of a run that Temporal has no word for, and that must be readable without a worker. */
export type StatusMark = 'queued' | 'waiting' | 'timed_out';

const key = defineSearchAttributeKey('JobStatus', SearchAttributeType.KEYWORD);

export function markStatus(mark: StatusMark | null): void {
  upsertSearchAttributes([{ key, value: mark }]);
}
