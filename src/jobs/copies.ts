import { Injectable } from '@nestjs/common';
import { WorkflowNotFoundError } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { type Job, isFinal } from '../../job-types/contract/job.js';
import type { JobArgs } from '../../workflows/frame/messages.js';
import { Problem } from '../problems/problems.js';
import { JobReader } from '../reading/job-reader.js';
import type { JobMemo } from '../reading/run.js';
import { Runs } from '../reading/runs.js';
import { withLargeValues } from '../temporal/data-converter.js';
import { TemporalClient } from '../temporal/temporal-client.js';
import { ConcurrencyGate } from './concurrency-gate.js';
import { JobStarter, type Start } from './job-starter.js';

/** What a new job differs in from the one it is made of. */
export type Difference = Pick<JobMemo, 'submittedBy' | 'retryOf' | 'rerunOf' | 'fingerprint'>;

/** Who asks for a copy of a job. */
export interface CopyCall {
  owner: string;
  /** Public id of the API key; null without keys. */
  by: string | null;
}

/** Starts new jobs with the type, input, tags, metadata, priority, time-out and concurrency key of old ones. */
@Injectable()
export class Copies {
  constructor(
    private readonly temporal: TemporalClient,
    private readonly runs: Runs,
    private readonly reader: JobReader,
    private readonly starter: JobStarter,
    private readonly gate: ConcurrencyGate,
  ) {}

  /** @throws {Problem} job-not-found, not-finished */
  async ended(jobId: string, owner: string): Promise<Job> {
    const shared = await this.reader.read(jobId, owner);
    // Whoever asks may have seen the end through another process, whose answer was newer than the one shared here.
    const job = isFinal(shared.status) ? shared : await this.reader.fresh(jobId);
    if (isFinal(job.status)) return job;
    throw new Problem('not-finished', `The job is ${job.status}.`, { retryAfter: 1 });
  }

  /**
   * The new job starts at once, or queues for its concurrency key.
   * @throws {WorkflowExecutionAlreadyStartedError} when the id is taken
   * @throws {Problem} input-gone, queue-full, temporal-unavailable
   */
  async start(id: string, { of, by, ...rest }: { of: string; by: string | null } & Difference): Promise<Job> {
    const { memo, ...original } = await this.original(of);
    const start = {
      id,
      ...original,
      memo: { ...memo, ...rest, ...(by === null ? {} : { submittedBy: by }) },
    };
    const { owner, concurrencyKey: key } = memo;
    if (key !== undefined) {
      const place = { jobId: id, owner, type: start.type, key, fingerprint: rest.fingerprint };
      await this.gate.enter({ ...place, onConflict: 'queue' });
    }
    return this.starter.start(start);
  }

  /** The arguments and the priority stand in the first event of the history; `describe` carries neither. */
  private async original(jobId: string): Promise<Omit<Start, 'id'>> {
    try {
      const run = await this.runs.describe(jobId);
      if (!run) throw new Problem('job-not-found', `There is no job ${jobId}.`);
      const { history } = await this.temporal.call(({ workflowService }) =>
        workflowService.getWorkflowExecutionHistory({
          namespace: this.temporal.namespace,
          execution: { workflowId: jobId, runId: run.presentRunId },
          maximumPageSize: 1,
        }),
      );
      const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
      const converter = this.temporal.client.options.loadedDataConverter;
      const payloads = await withLargeValues(started?.input?.payloads ?? [], converter);
      const [given] = (await decodeArrayFromPayloads(converter, payloads)) as [JobArgs<unknown>];
      // A new job begins at the beginning, and finds the receipts.
      const { continued: _continued, ...args } = given;
      const {
        createdAt: _at,
        fingerprint: _,
        submittedBy: _by,
        retryOf: _retry,
        rerunOf: _rerun,
        budget: _raised,
        ...memo
      } = run.memo;
      const key = memo.concurrencyKey;
      return {
        type: run.type,
        args: key === undefined ? args : { ...args, concurrencyKey: key },
        // What a person has allowed the old one is spent.
        memo: args.budget ? { ...memo, budget: args.budget } : memo,
        priority: started?.priority?.priorityKey || undefined,
      };
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      throw new Problem('input-gone', 'Temporal has forgotten the input of this job.', { cause: error });
    }
  }
}
