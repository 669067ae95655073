import type { temporal } from '@temporalio/proto';
import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import type { JobStatus } from '../../job-types/contract/job.js';
import { usualEnds } from '../reading/usual-ends.js';
import { jobStatusKey, jobTagsKey } from '../temporal/search-attributes.js';

type Info = temporal.api.workflow.v1.IWorkflowExecutionInfo;

/** What visibility knows of a job; open ones all read "running", or "waiting". */
export interface ListedRun {
  id: string;
  type: string;
  status: JobStatus;
  done: boolean;
  createdAt: string;
  finishedAt: string | null;
  tags: string[];
}

export function toListed(info: Info): ListedRun {
  const mark = attribute<string>(info, jobStatusKey.name);
  const closed = usualEnds[info.status ?? 0];
  const status =
    closed === 'failed' && mark === 'timed_out' ? mark : (closed ?? (mark === 'waiting' ? mark : 'running'));
  return {
    id: info.execution?.workflowId ?? '',
    type: info.type?.name ?? '',
    status,
    done: closed !== undefined,
    createdAt: submittedAt(info) ?? (optionalTsToDate(info.startTime) ?? new Date(0)).toISOString(),
    finishedAt: optionalTsToDate(info.closeTime)?.toISOString() ?? null,
    tags: [attribute<string | string[]>(info, jobTagsKey.name) ?? []].flat(),
  };
}

/** As the job itself says it: the memo is JSON unless it is large, which this one is not. */
function submittedAt({ memo }: Info): string | null {
  const data = memo?.fields?.['createdAt']?.data;
  return data ? (JSON.parse(Buffer.from(data).toString()) as string) : null;
}

/** Search attributes are JSON, whatever the data converter is. */
function attribute<T>({ searchAttributes }: Info, name: string): T | null {
  const data = searchAttributes?.indexedFields?.[name]?.data;
  return data ? (JSON.parse(Buffer.from(data).toString()) as T | null) : null;
}
