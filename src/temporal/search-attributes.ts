import { SearchAttributeType, defineSearchAttributeKey } from '@temporalio/common';

/** What jobs are listed by. They are not encrypted, and stand in the Temporal UI. */
export const jobTypeKey = defineSearchAttributeKey('JobType', SearchAttributeType.KEYWORD);
export const jobOwnerKey = defineSearchAttributeKey('JobOwner', SearchAttributeType.KEYWORD);
export const jobTagsKey = defineSearchAttributeKey('JobTags', SearchAttributeType.KEYWORD_LIST);
/** What `describe` could not tell otherwise; the workflow's side of it is `workflows/frame/job-status.ts`. */
export const jobStatusKey = defineSearchAttributeKey('JobStatus', SearchAttributeType.KEYWORD);
/** Of a job whose run continues another: Temporal's start time is then the present run's. Set in `workflows/frame/checkpoint.ts`. */
export const jobCreatedAtKey = defineSearchAttributeKey('JobCreatedAt', SearchAttributeType.DATETIME);
