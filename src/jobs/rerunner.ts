import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Job } from '../../job-types/contract/job.js';
import { jobTypeNamed } from '../../job-types/index.js';
import { rootOf } from '../../store/receipts.js';
import { ConcurrencyGate } from './concurrency-gate.js';
import { Copies, type Copy, type CopyCall, type Original } from './copies.js';
import { keyed } from './idempotency.js';
import { NotSent } from './job-starter.js';
import { JobsService, type Submitted } from './jobs.service.js';

export interface RerunCall extends CopyCall {
  /** The header `Idempotency-Key`. */
  key: string | undefined;
}

/** A job that has ended, and what it was started with. */
export interface OldJob {
  job: Job;
  original: Original;
  /** What its job type gives the input of the new one besides; undefined where that is nothing. */
  instead: object | undefined;
}

/** The job that is about to be started. Without an Idempotency-Key its id is nobody else's, and there is no fingerprint. */
export interface NewJob {
  id: string;
  fingerprint?: string;
}

/** A new job that is made of one that has ended. */
export interface AgainCall extends RerunCall {
  /** What a repeated Idempotency-Key has to come with again. */
  body: object;
  /** Says what the new job differs in. */
  differ: (old: OldJob, as: NewJob) => Promise<Pick<Copy, 'input' | 'rerunOf' | 'forkOf'>>;
}

/** Makes a new job of any that has ended: same input, receipts of its own, so that all of it is done again. */
@Injectable()
export class Rerunner {
  constructor(
    private readonly jobs: JobsService,
    private readonly copies: Copies,
    private readonly gate: ConcurrencyGate,
  ) {}

  /**
   * Each call makes another job, unless it repeats an Idempotency-Key.
   * @throws {Problem} not-finished, input-gone, queue-full, idempotency-key-reused
   */
  rerun(jobId: string, call: RerunCall): Promise<Submitted> {
    const rerunOf = jobId;
    return this.again(jobId, { ...call, body: { rerunOf }, differ: async () => ({ rerunOf }) });
  }

  /** @throws {Problem} not-finished, input-gone, queue-full, idempotency-key-reused, and what `differ` throws */
  async again(jobId: string, { owner, by, key, body, differ }: AgainCall): Promise<Submitted> {
    const known = key === undefined ? null : keyed(key, { owner, body });
    const before = known && (await this.jobs.replay(known, owner));
    if (before) return before;
    const old = await this.copies.ended(jobId, owner);
    const original = await this.copies.original(jobId);
    const id = known?.jobId ?? `job_${randomUUID()}`;
    const instead = jobTypeNamed(old.type)?.instead?.(original.args.input, rootOf(jobId));
    const marks = known ? { fingerprint: known.fingerprint } : {};
    const difference = await differ({ job: old, original, instead }, { id, ...marks });
    try {
      const job = await this.copies.start(id, {
        original,
        by,
        ...difference,
        ...(instead && { instead }),
        ...marks,
      });
      return { job, how: 'started' };
    } catch (error) {
      // One with an Idempotency-Key may be repeated, and then needs its place.
      if (error instanceof NotSent && old.concurrencyKey !== null && !known) await this.gate.leave(id);
      if (!(error instanceof WorkflowExecutionAlreadyStartedError) || !known) throw error;
      const replayed = await this.jobs.replay(known, owner);
      if (!replayed) throw error;
      return replayed;
    }
  }
}
