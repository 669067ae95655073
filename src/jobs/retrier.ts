import { Injectable } from '@nestjs/common';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { type Job, isFinal } from '../../job-types/contract/job.js';
import type { JobArgs } from '../../workflows/frame/messages.js';
import { Problem } from '../problems/problems.js';
import { withLargeValues } from '../temporal/data-converter.js';
import { TemporalClient } from '../temporal/temporal-client.js';
import { ConcurrencyGate } from './concurrency-gate.js';
import type { Run } from '../reading/run.js';
import { JobReader } from '../reading/job-reader.js';
import { JobStarter } from './job-starter.js';
import { Runs } from '../reading/runs.js';

/** Makes a new job of one that did not succeed: same input, same receipts, so that what is done is not done again. */
@Injectable()
export class Retrier {
  constructor(
    private readonly temporal: TemporalClient,
    private readonly runs: Runs,
    private readonly reader: JobReader,
    private readonly starter: JobStarter,
    private readonly gate: ConcurrencyGate,
  ) {}

  /**
   * The retry of a job has one id, so that repeating the call makes no second one.
   * @throws {Problem} not-finished, already-succeeded, input-gone, queue-full
   */
  async retry(jobId: string, owner: string): Promise<Job> {
    const job = await this.reader.read(jobId, owner);
    if (!isFinal(job.status))
      throw new Problem('not-finished', `The job is ${job.status}.`, { retryAfter: 1 });
    if (job.status === 'succeeded') throw new Problem('already-succeeded', 'The job succeeded.');
    const id = nextId(jobId);
    const again = await this.reader.find(id);
    if (again) return again.job;
    const { run, args } = await this.original(jobId);
    const { fingerprint: _, ...kept } = run.memo;
    const memo = { ...kept, retryOf: jobId };
    const key = memo.concurrencyKey;
    const fresh = key === undefined ? args : { ...args, concurrencyKey: key };
    if (key !== undefined) {
      await this.gate.enter({ jobId: id, owner, type: run.type, key, onConflict: 'queue' });
    }
    try {
      return await this.starter.start({ id, type: run.type, args: fresh, memo });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return this.reader.read(id, owner);
    }
  }

  /** The arguments stand in the first event of the history; `describe` does not carry them. */
  private async original(jobId: string): Promise<{ run: Run; args: JobArgs<unknown> }> {
    try {
      const run = await this.runs.describe(jobId);
      if (!run) throw new Problem('job-not-found', `There is no job ${jobId}.`);
      const { history } = await this.temporal.call(({ workflowService }) =>
        workflowService.getWorkflowExecutionHistory({
          namespace: this.temporal.namespace,
          execution: { workflowId: jobId, runId: run.runId },
          maximumPageSize: 1,
        }),
      );
      const input = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input;
      const converter = this.temporal.client.options.loadedDataConverter;
      const payloads = await withLargeValues(input?.payloads ?? [], converter);
      const [args] = await decodeArrayFromPayloads(converter, payloads);
      return { run, args: args as JobArgs<unknown> };
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      throw new Problem('input-gone', 'Temporal has forgotten the input of this job.', { cause: error });
    }
  }
}

/** `<root>`, `<root>.r1`, `<root>.r2`: the receipts are the root's. */
function nextId(jobId: string): string {
  const [, root = jobId, count = '0'] = /^(.*?)(?:\.r(\d+))?$/.exec(jobId) ?? [];
  return `${root}.r${Number(count) + 1}`;
}
