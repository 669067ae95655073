import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import { modelNames } from '../../job-types/model-names.js';
import { jobTypes } from '../../job-types/index.js';
import { type Job, isFinal } from '../../job-types/job.js';
import type { JobArgs } from '../../workflows/messages.js';
import { CONFIG, type Config } from '../config.js';
import { Problem } from '../problems/problems.js';
import { Store } from '../store.js';
import { jobOwnerKey, jobTagsKey, jobTypeKey } from '../temporal/search-attributes.js';
import { TemporalClient } from '../temporal/temporal-client.js';
import type { JobMemo } from './described.js';
import { JobReader } from './job-reader.js';
import type { CancelRequest, JobRequest } from './job-request.js';
import { toJob } from './job-view.js';
import { statusTable } from './status.js';

/** The server refuses a longer static summary (400 bytes); a character can take four. */
const longestSubject = 90;

/** Starts and cancels jobs. A job exists once Temporal has it; there is no second record to disagree. */
@Injectable()
export class JobsService {
  private readonly models: readonly string[];
  private readonly taskQueue: string;
  private readonly logger = new Logger('jobs');

  constructor(
    private readonly temporal: TemporalClient,
    private readonly store: Store,
    private readonly reader: JobReader,
    @Inject(CONFIG) config: Config,
  ) {
    this.models = modelNames(config).names;
    this.taskQueue = config.TEMPORAL_TASK_QUEUE;
  }

  /** One StartWorkflowExecution, and the job as it is in the moment after. */
  async submit(request: JobRequest, owner: string): Promise<Job> {
    this.checkModel(request.input);
    const { type, input, tags, metadata } = request;
    const id = `job_${randomUUID()}`;
    const memo: JobMemo = { owner, tags, metadata };
    const args: [JobArgs<unknown>] = [{ input, owner }];
    const handle = await this.temporal.call((client) =>
      client.workflow.start(type, {
        workflowId: id,
        taskQueue: this.taskQueue,
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
        args,
        memo: { ...memo },
        typedSearchAttributes: [
          { key: jobTypeKey, value: type },
          { key: jobOwnerKey, value: owner },
          ...(tags.length > 0 ? [{ key: jobTagsKey, value: tags }] : []),
        ],
        staticSummary: summary(type, input),
      }),
    );
    return this.asSubmitted({ id, runId: handle.firstExecutionRunId, type, memo });
  }

  /**
   * Asks the job to stop. The reason is kept first, so that a cancel can be explained from the moment it works; a
   * database that is away loses the reason, never the cancel.
   */
  async cancel(jobId: string, { owner, request }: { owner: string; request: CancelRequest }): Promise<Job> {
    this.reader.forget(jobId);
    const job = await this.reader.read(jobId, owner);
    if (isFinal(job.status)) return job;
    const reason = request.reason ?? null;
    try {
      await this.store.cancellations.request(jobId, { reason });
    } catch (error) {
      this.logger.warn(`the reason for cancelling ${jobId} was not kept: ${String(error)}`);
    }
    await this.temporal.call((client) =>
      client.workflowService.requestCancelWorkflowExecution({
        namespace: this.temporal.namespace,
        workflowExecution: { workflowId: jobId },
        requestId: randomUUID(),
        identity: 'longhaul-api',
        reason: reason ?? '',
      }),
    );
    this.reader.forget(jobId);
    return this.reader.read(jobId, owner);
  }

  private checkModel(input: unknown): void {
    if (typeof input !== 'object' || input === null || !('model' in input)) return;
    const { model } = input;
    if (typeof model !== 'string' || this.models.includes(model)) return;
    const detail = `The models here are ${this.models.join(', ')}.`;
    const errors = [{ pointer: '/input/model', detail }];
    throw new Problem('unknown-model', `The model "${model}" is not offered. ${detail}`, { errors });
  }

  /** No read is spent on what is known: nothing has happened to the job yet. */
  private asSubmitted(job: { id: string; runId: string; type: string; memo: JobMemo }): Job {
    return toJob({
      ...job,
      status: 'queued',
      sentence: statusTable.find(({ status }) => status === 'queued')?.sentence ?? '',
      stalled: null,
      createdAt: new Date().toISOString(),
      finishedAt: null,
      snapshot: null,
      source: 'snapshot',
      outcome: null,
      activities: [],
      log: new Map(),
      cancellation: null,
      cancelRequested: false,
      temporalUi: this.reader.temporalUi(job.id, job.runId),
    });
  }
}

function summary(typeName: string, input: unknown): string {
  const type = jobTypes[typeName];
  return type ? `${type.title}: ${type.subject(input).slice(0, longestSubject)}` : typeName;
}
