import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { jobTypes } from '../../job-types/index.js';
import { finalStatuses } from '../../job-types/contract/job.js';
import { QueryTime } from '../openapi/query-time.js';
import { grpcCodes } from '../temporal/grpc-codes.js';
import { TemporalClient, grpcCode } from '../temporal/temporal-client.js';
import { visibilityText } from '../temporal/visibility-text.js';
import { Tag } from './job-request.js';
import { JobSummaries, JobSummary } from './job-summaries.js';
import { toListed } from './listed-run.js';
import { badPageToken, openPageToken, sealPageToken } from './page-token.js';

export const JobListQuery = z.strictObject({
  status: z
    .enum(['active', 'waiting', ...finalStatuses])
    .optional()
    .meta({ description: '"active": not yet final' }),
  type: z.enum(Object.keys(jobTypes)).optional(),
  tag: Tag.optional(),
  createdAfter: QueryTime.optional(),
  createdBefore: QueryTime.optional(),
  counts: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: 'Whether to count the jobs that fit, by status' }),
  pageSize: z.coerce.number().int().min(1).max(200).default(50),
  pageToken: z
    .string()
    .max(4096)
    .regex(/^[A-Za-z0-9_-]+$/)
    .optional()
    .meta({ description: 'nextPageToken of the page before, with the same filters' }),
});
export type JobListQuery = z.infer<typeof JobListQuery>;

export const JobList = z
  .object({
    items: z.array(JobSummary),
    nextPageToken: z.string().nullable(),
    counts: z
      .partialRecord(z.enum(['active', ...finalStatuses]), z.int())
      .nullable()
      .meta({ description: 'With counts=true, over all pages; a status with no job is left out' }),
  })
  .meta({ id: 'JobList' });
export type JobList = z.infer<typeof JobList>;

/** A run that an operator has paused is as open as one that runs. Servers from before there were pauses do not know the word. */
const open = "ExecutionStatus NOT IN ('Completed', 'Failed', 'Canceled', 'Terminated', 'TimedOut')";

/** Visibility's clauses for the filters. A job that ran out of time in order has failed, in Temporal's own terms. */
const statusClauses: Record<NonNullable<JobListQuery['status']>, string> = {
  active: open,
  waiting: `${open} AND JobStatus = 'waiting'`,
  succeeded: "ExecutionStatus = 'Completed'",
  failed: "ExecutionStatus = 'Failed' AND (JobStatus IS NULL OR JobStatus != 'timed_out')",
  cancelled: "ExecutionStatus = 'Canceled'",
  terminated: "ExecutionStatus = 'Terminated'",
  timed_out: "(ExecutionStatus = 'TimedOut' OR (ExecutionStatus = 'Failed' AND JobStatus = 'timed_out'))",
};

/** The start of a run that continues another is not the job's. */
const created = (compares: '>=' | '<', time: string): string => {
  const than = `${compares} ${visibilityText(time)}`;
  return `(JobCreatedAt ${than} OR (JobCreatedAt IS NULL AND StartTime ${than}))`;
};

/** What visibility says to a page token it did not make. */
const refusals: ReadonlySet<number> = new Set([grpcCodes.unknown, grpcCodes.invalidArgument]);

const counted = ['active', ...finalStatuses] as const;
type Counted = (typeof counted)[number];

/** The list is Temporal's visibility: open jobs first (newest first), then finished ones (last ended first). */
@Injectable()
export class JobLister {
  constructor(
    private readonly temporal: TemporalClient,
    private readonly summaries: JobSummaries,
  ) {}

  async list(filter: JobListQuery, owner: string): Promise<JobList> {
    const clauses = [`JobOwner = ${visibilityText(owner)}`, "ExecutionStatus != 'ContinuedAsNew'"];
    if (filter.type) clauses.push(`JobType = ${visibilityText(filter.type)}`);
    if (filter.tag) clauses.push(`JobTags = ${visibilityText(filter.tag)}`);
    if (filter.createdAfter) clauses.push(created('>=', filter.createdAfter));
    if (filter.createdBefore) clauses.push(created('<', filter.createdBefore));
    const all = clauses.join(' AND ');
    const shown = filter.status ? `${all} AND ${statusClauses[filter.status]}` : all;
    const [page, counts] = await Promise.all([
      this.page(shown, filter),
      filter.counts === 'true' ? this.count(all) : null,
    ]);
    return {
      items: await this.summaries.of((page.executions ?? []).map(toListed)),
      nextPageToken: page.nextPageToken?.length ? sealPageToken(page.nextPageToken, shown) : null,
      counts,
    };
  }

  private async count(query: string): Promise<JobList['counts']> {
    const count = (status: Counted) =>
      this.temporal.call(({ workflowService }) =>
        workflowService.countWorkflowExecutions({
          namespace: this.temporal.namespace,
          query: `${query} AND ${statusClauses[status]}`,
        }),
      );
    const found = await Promise.all(
      counted.map(async (status) => [status, Number((await count(status)).count)] as const),
    );
    return Object.fromEntries(found.filter(([, jobs]) => jobs > 0));
  }

  private async page(query: string, { pageSize, pageToken }: JobListQuery) {
    const nextPageToken = pageToken === undefined ? undefined : openPageToken(pageToken, query);
    try {
      return await this.temporal.call(({ workflowService }) =>
        workflowService.listWorkflowExecutions({
          namespace: this.temporal.namespace,
          query,
          pageSize,
          nextPageToken,
        }),
      );
    } catch (error) {
      const refused = refusals.has(grpcCode(error) ?? 0);
      if (!refused || !pageToken) throw error;
      throw badPageToken(error);
    }
  }
}
