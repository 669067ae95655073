import { Injectable } from '@nestjs/common';
import type { temporal } from '@temporalio/proto';
import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import { z } from 'zod';
import { jobTypes } from '../../job-types/index.js';
import { type FinalStatus, JobStatus, finalStatuses } from '../../job-types/job.js';
import { Problem } from '../problems/problems.js';
import { TemporalClient } from '../temporal/temporal-client.js';

export const JobListQuery = z.strictObject({
  status: z
    .enum(['active', ...finalStatuses])
    .optional()
    .meta({ description: '"active": not yet final' }),
  type: z.enum(Object.keys(jobTypes)).optional(),
  pageSize: z.coerce.number().int().min(1).max(200).default(50),
  pageToken: z
    .string()
    .max(4096)
    .regex(/^[A-Za-z0-9_-]+$/)
    .optional()
    .meta({ description: 'nextPageToken of the page before, with the same filters' }),
});
export type JobListQuery = z.infer<typeof JobListQuery>;

export const JobSummary = z
  .object({
    id: z.string(),
    type: z.string(),
    status: JobStatus,
    done: z.boolean(),
    createdAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'JobSummary', description: 'What visibility knows of a job; open ones all read "running"' });

export const JobList = z
  .object({ items: z.array(JobSummary), nextPageToken: z.string().nullable() })
  .meta({ id: 'JobList' });
export type JobList = z.infer<typeof JobList>;

/** Visibility's words for the final statuses. */
const closeStatus: Record<FinalStatus, string> = {
  succeeded: 'Completed',
  failed: 'Failed',
  cancelled: 'Canceled',
  terminated: 'Terminated',
  timed_out: 'TimedOut',
};

/** temporal.api.enums.v1.WorkflowExecutionStatus. */
const statusByNumber: Readonly<Record<number, FinalStatus>> = {
  2: 'succeeded',
  3: 'failed',
  4: 'cancelled',
  5: 'terminated',
  7: 'timed_out',
};

/** gRPC INVALID_ARGUMENT: what visibility says to a page token it did not make. */
const invalidArgument = 3;

/** The list is Temporal's visibility: open jobs first (newest first), then finished ones (last ended first). */
@Injectable()
export class JobLister {
  constructor(private readonly temporal: TemporalClient) {}

  async list(filter: JobListQuery, owner: string): Promise<JobList> {
    const clauses = [`JobOwner = ${quote(owner)}`];
    if (filter.type) clauses.push(`JobType = ${quote(filter.type)}`);
    if (filter.status) {
      const status = filter.status === 'active' ? 'Running' : closeStatus[filter.status];
      clauses.push(`ExecutionStatus = ${quote(status)}`);
    }
    const page = await this.page(clauses.join(' AND '), filter);
    return {
      items: (page.executions ?? []).map(toSummary),
      nextPageToken: page.nextPageToken?.length
        ? Buffer.from(page.nextPageToken).toString('base64url')
        : null,
    };
  }

  private async page(query: string, { pageSize, pageToken }: JobListQuery) {
    try {
      return await this.temporal.call(({ workflowService }) =>
        workflowService.listWorkflowExecutions({
          namespace: this.temporal.namespace,
          query,
          pageSize,
          nextPageToken: pageToken ? Buffer.from(pageToken, 'base64url') : undefined,
        }),
      );
    } catch (error) {
      const refused = error instanceof Error && 'code' in error && error.code === invalidArgument;
      if (!refused || !pageToken) throw error;
      const errors = [{ pointer: '/pageToken', detail: 'not a token this list gave out' }];
      throw new Problem('validation-failed', 'The page token is not valid.', { errors, cause: error });
    }
  }
}

/** A string literal of a visibility query. */
const quote = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function toSummary(info: temporal.api.workflow.v1.IWorkflowExecutionInfo): z.infer<typeof JobSummary> {
  const id = info.execution?.workflowId ?? '';
  const status = statusByNumber[info.status ?? 0] ?? 'running';
  return {
    id,
    type: info.type?.name ?? '',
    status,
    done: status !== 'running',
    createdAt: (optionalTsToDate(info.startTime) ?? new Date(0)).toISOString(),
    finishedAt: optionalTsToDate(info.closeTime)?.toISOString() ?? null,
    links: { self: `/v1/jobs/${id}` },
  };
}
