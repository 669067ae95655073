import { Inject, Injectable } from '@nestjs/common';
import {
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { LRUCache } from 'lru-cache';
import { jobTypeNamed } from '../../job-types/index.js';
import type { Job } from '../../job-types/contract/job.js';
import type { JobArgs } from '../../workflows/frame/messages.js';
import { CONFIG, type Config } from '../config.js';
import { submitted } from '../database/api-events.js';
import { JobTeller } from '../database/job-teller.js';
import { JobFiles } from '../files/job-files.js';
import { Problem } from '../problems/problems.js';
import { jobOwnerKey, jobTagsKey, jobTypeKey } from '../temporal/search-attributes.js';
import { TemporalClient, busyMs, inLineMs, isTemporalUnavailable } from '../temporal/temporal-client.js';
import { CallLane } from '../temporal/call-lane.js';
import { LaneWidth } from '../temporal/lane-width.js';
import { noFacts } from '../reading/facts.js';
import { JobReader } from '../reading/job-reader.js';
import { toJob } from '../reading/job-view.js';
import type { JobMemo, Run } from '../reading/run.js';
import { startedRun } from '../reading/undescribed-run.js';
import { JobAliases } from './job-aliases.js';

/** Of a subject in a static summary. The server refuses a longer one (400 bytes); a character can take four. */
const longestSummary = 90;

/** What is kept of a subject: it stands in a line of a list, and in the memo. */
const longestSubject = 200;

/** More of them at once, and a busy server starts all of them too late to say so. At 50 ms each: 480 a second. */
const startsAtOnce = { least: 4, first: 24, most: 96 };

/** In ms. A start that is sent late has so long all the same: given up, it leaves open whether there is a job. */
const leastStartMs = 3_000;

/** Jobs that repeated submits have found, which are not told of each time. */
const mostFound = 10_000;

/** The backstop behind the time-out that the workflow keeps itself: room for clean-up. */
const cleanUpMs = 60_000;

export interface Start {
  id: string;
  type: string;
  args: JobArgs<unknown>;
  memo: JobMemo;
  /** 1 to 5, 3 when absent. */
  priority?: number | undefined;
  delayMs?: number;
  /** When it was asked for, by the clock of `performance`: what was done since is part of its time. Now when absent. */
  cameAt?: number | undefined;
}

/** The one place that starts jobs. A job exists once Temporal has it; there is no second record to disagree. */
@Injectable()
export class JobStarter {
  private readonly taskQueue: string;
  /** Whom a submit has found. One that is forgotten here is told of again, which adds nothing. */
  private readonly found = new LRUCache<string, true>({ max: mostFound });
  private readonly lane = new CallLane(new LaneWidth(startsAtOnce));

  constructor(
    private readonly temporal: TemporalClient,
    private readonly reader: JobReader,
    private readonly teller: JobTeller,
    private readonly files: JobFiles,
    private readonly aliases: JobAliases,
    @Inject(CONFIG) config: Config,
  ) {
    this.taskQueue = config.TEMPORAL_TASK_QUEUE;
  }

  /** Whether a start would have to wait in line. */
  get crowded(): boolean {
    return this.lane.full;
  }

  /**
   * One StartWorkflowExecution, and the job as it is in the moment after; no read is spent on what is known.
   * @throws {WorkflowExecutionAlreadyStartedError} when the id is taken, by a job that has ended too.
   * @throws {NotSent} and nothing was started
   * @throws {Problem} validation-failed, for a file that is not there any more; nothing was started
   * @throws {Problem} temporal-unavailable, with the id: the job may have been started all the same.
   */
  async start(job: Start): Promise<Job> {
    const { id, type, args, delayMs = 0, cameAt = performance.now() } = job;
    const createdAt = new Date().toISOString();
    const alias = jobTypeNamed(type)?.alias?.(args.input);
    const memo = {
      ...job.memo,
      createdAt,
      subject: subjectOf(type, args.input),
      ...(alias === undefined ? {} : { alias }),
    };
    const options = this.optionsOf({ ...job, memo });
    // Before there is the job: from then on nobody else removes what it reads.
    await this.files.claim(id, { type, input: args.input, owner: memo.owner });
    const call = (leftMs: number) => {
      if (leftMs === 0) throw new NotSent();
      const forMs = Math.min(Math.max(leftMs, leastStartMs), busyMs);
      return this.temporal.call((client) => client.workflow.start(type, options), forMs);
    };
    try {
      const limitMs = Math.max(0, cameAt + inLineMs - performance.now());
      const leftMs = this.temporal.patience(limitMs);
      const handle = await this.lane.through(call, { limitMs, leftMs, stillMs: busyMs });
      const runId = handle.firstExecutionRunId;
      const run = startedRun({ jobId: id, runId, type, memo, delayMs });
      this.tell(run);
      await this.aliases.point(run);
      return toJob(run, { facts: noFacts, temporalUi: this.temporal.runLink(id, runId) });
    } catch (error) {
      if (!isTemporalUnavailable(error)) throw error;
      const detail =
        'The Temporal server did not answer in time; the job may have been started all the same.';
      throw new Problem('temporal-unavailable', detail, { retryAfter: 2, job: id, cause: error });
    } finally {
      // A read that is under way may have found that there is no such job, which is no longer so.
      this.reader.forget(id);
    }
  }

  /**
   * For whoever finds a job that an earlier call has started. If Temporal answered that call too late, nobody has been told
   * of the job. A worker that has begun it meanwhile does not know what it is about. It is told once, however often this
   * is called. Of a job that has ended, its archive tells the same.
   */
  async foundStarted(run: Run): Promise<void> {
    if (run.execution !== 'RUNNING' || this.found.has(run.jobId)) return;
    this.found.set(run.jobId, true);
    this.tell(run);
    if (!(await this.aliases.point(run))) this.found.delete(run.jobId);
  }

  private optionsOf({ id, type, args, memo, priority, delayMs = 0 }: Start & { memo: { subject: string } }) {
    const { owner, tags } = memo;
    return {
      workflowId: id,
      taskQueue: this.taskQueue,
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
      args: [args] as [JobArgs<unknown>],
      memo: { ...memo },
      typedSearchAttributes: [
        { key: jobTypeKey, value: type },
        { key: jobOwnerKey, value: owner },
        ...(tags.length > 0 ? [{ key: jobTagsKey, value: tags }] : []),
      ],
      // Owners share the workers fairly, whoever has the longer queue.
      priority: { fairnessKey: owner, ...(priority === undefined ? {} : { priorityKey: priority }) },
      staticSummary: summary(type, memo.subject),
      ...(delayMs > 0 ? { startDelay: delayMs } : {}),
      ...(args.timeout === undefined
        ? {}
        : { workflowExecutionTimeout: delayMs + args.timeout * 1000 + cleanUpMs }),
    } satisfies WorkflowStartOptions;
  }

  /** To those who watch, now that Temporal has it. */
  private tell({ jobId, runId, type, memo, dueAt }: Run): void {
    const { owner, tags, subject = '' } = memo;
    const startAt = Date.parse(dueAt) > Date.now() ? dueAt : null;
    this.teller.tell(jobId, submitted({ runId, about: { owner, type, tags, subject }, startAt }));
  }
}

/** The turn of a start came too late. */
export class NotSent extends Problem {
  constructor() {
    super('temporal-unavailable', 'The Temporal server is too busy; nothing was started.', { retryAfter: 2 });
  }
}

const subjectOf = (typeName: string, input: unknown): string =>
  jobTypeNamed(typeName)?.subject(input).slice(0, longestSubject) ?? '';

function summary(typeName: string, subject: string): string {
  const type = jobTypeNamed(typeName);
  return type ? `${type.title}: ${subject.slice(0, longestSummary)}` : typeName;
}
