import { Injectable } from '@nestjs/common';
import { WorkflowNotFoundError } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { type Job, isFinal } from '../../job-types/contract/job.js';
import { jobTypeNamed } from '../../job-types/index.js';
import type { JobArgs } from '../../workflows/frame/messages.js';
import { isFileUnknown } from '../files/job-files.js';
import { Problem } from '../problems/problems.js';
import { JobReader } from '../reading/job-reader.js';
import type { JobMemo } from '../reading/run.js';
import { Runs } from '../reading/runs.js';
import { withLargeValues } from '../temporal/data-converter.js';
import { TemporalClient } from '../temporal/temporal-client.js';
import { ConcurrencyGate } from './concurrency-gate.js';
import { JobStarter, type Start } from './job-starter.js';

/** What a new job differs in from the one it is made of. */
export type Difference = Pick<JobMemo, 'submittedBy' | 'retryOf' | 'rerunOf' | 'forkOf' | 'fingerprint'>;

/** Who asks for a copy of a job. */
export interface CopyCall {
  owner: string;
  /** Public id of the API key; null without keys. */
  by: string | null;
}

/** What a job was started with. */
export type Original = Omit<Start, 'id'>;

export interface Copy extends Difference {
  /** Of the job that is copied. */
  original: Original;
  /** Public id of the API key that asks; null without keys. */
  by: string | null;
  /** In place of what it was given. */
  input?: unknown;
  /** What a job of its type is given that takes the place of the old one. */
  instead?: object;
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
   * @throws {Problem} queue-full, temporal-unavailable; input-gone, for a file that was removed
   */
  async start(id: string, { original, by, input, instead, ...rest }: Copy): Promise<Job> {
    const { memo, args, ...same } = withInput(original, inputOf(original, { input, instead }));
    const start = {
      id,
      ...same,
      args,
      memo: { ...memo, ...rest, ...(by === null ? {} : { submittedBy: by }) },
    };
    const { owner, concurrencyKey: key } = memo;
    if (key !== undefined) {
      const place = { jobId: id, owner, type: start.type, key, fingerprint: rest.fingerprint };
      await this.gate.enter({ ...place, onConflict: 'queue' });
    }
    try {
      return await this.starter.start(start);
    } catch (error) {
      if (!isFileUnknown(error)) throw error;
      // One whose call may be repeated, or be under way elsewhere, keeps its place.
      if (key !== undefined && rest.retryOf === undefined && rest.fingerprint === undefined) {
        await this.gate.leave(id);
      }
      const which = error.options.errors?.map(({ pointer }) => pointer).join(', ');
      throw new Problem('input-gone', `A file that the job was given was removed (${which}).`, {
        cause: error,
      });
    }
  }

  /**
   * The arguments and the priority stand in the first event of the history; `describe` carries neither.
   * @throws {Problem} job-not-found, input-gone
   */
  async original(jobId: string): Promise<Original> {
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
        forkOf: _fork,
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

/** What a request says itself counts most. Undefined where nothing differs. */
function inputOf(
  { args }: Original,
  { input, instead }: { input?: unknown; instead?: object | undefined },
): unknown {
  if (instead === undefined) return input;
  return input === undefined
    ? { ...(args.input as object), ...instead }
    : { ...instead, ...(input as object) };
}

/** A key that the type made of the input is made of the new one. */
function withInput(original: Original, input: unknown): Original {
  if (input === undefined) return original;
  const { args, memo } = original;
  const keyOf = (of: unknown) => jobTypeNamed(original.type)?.concurrencyKey?.(of);
  const isMade = memo.concurrencyKey !== undefined && keyOf(args.input) === memo.concurrencyKey;
  const key = isMade ? keyOf(input) : memo.concurrencyKey;
  const keyed = key === undefined ? {} : { concurrencyKey: key };
  return { ...original, args: { ...args, ...keyed, input }, memo: { ...memo, ...keyed } };
}
