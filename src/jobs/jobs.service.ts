import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { jobTypes } from '../../job-types/index.js';
import type { Job } from '../../job-types/contract/job.js';
import { type ModelNames, modelNames, rulesName } from '../../job-types/fields/model-names.js';
import type { JobArgs } from '../../workflows/frame/messages.js';
import { CONFIG, type Config } from '../config.js';
import { Problem, type ProblemCode } from '../problems/problems.js';
import { isTemporalUnavailable } from '../temporal/temporal-client.js';
import { ConcurrencyGate } from './concurrency-gate.js';
import type { JobMemo } from '../reading/run.js';
import type { Keyed } from './idempotency.js';
import type { CheckedRequest, JobRequest } from './job-request.js';
import { JobStarter, NotSent } from './job-starter.js';
import { Replays } from './replays.js';

export interface SubmitOptions {
  owner: string;
  /** Of a submit with an Idempotency-Key. */
  keyed?: Keyed | undefined;
}

/** What a submit came to: a new job, one that an equal submit has started, or one that holds the key. */
export interface Submitted {
  job: Job;
  how: 'started' | 'replayed' | 'existing';
}

@Injectable()
export class JobsService {
  private readonly models: ModelNames;
  /** Keyed submits under way in this process, by job. */
  private readonly underWay = new Map<string, Promise<unknown>>();

  constructor(
    private readonly starter: JobStarter,
    private readonly gate: ConcurrencyGate,
    private readonly replays: Replays,
    @Inject(CONFIG) config: Config,
  ) {
    this.models = modelNames(config);
  }

  /** @throws {Problem} unknown-model, model-required; nothing was started. */
  check(request: JobRequest): CheckedRequest {
    this.checkModel(request);
    const { type, input } = request;
    return { valid: true, type, input: input as CheckedRequest['input'] };
  }

  /** Starts the job, unless a submit with the same key has, or its concurrency key is taken. */
  async submit(request: JobRequest, options: SubmitOptions): Promise<Submitted> {
    this.checkModel(request);
    const { keyed, owner } = options;
    if (!keyed) return this.begin(request, options);
    const earlier = this.underWay.get(keyed.jobId);
    if (earlier) {
      // A start that finds its id taken costs Temporal as much as one that succeeds.
      await Promise.allSettled([earlier]);
      const job = await this.replays.find(keyed, owner);
      if (job) return { job, how: 'replayed' };
    }
    const submitted = this.begin(request, options);
    this.underWay.set(keyed.jobId, submitted);
    try {
      return await submitted;
    } finally {
      if (this.underWay.get(keyed.jobId) === submitted) this.underWay.delete(keyed.jobId);
    }
  }

  private async begin(request: JobRequest, { owner, keyed }: SubmitOptions): Promise<Submitted> {
    const { type, input, tags, metadata, timeout, concurrencyKey: key, onConflict = 'queue' } = request;
    const id = keyed?.jobId ?? `job_${randomUUID()}`;
    const delayMs = delayOf(request);
    const memo: JobMemo = {
      owner,
      tags,
      metadata,
      ...(keyed ? { fingerprint: keyed.fingerprint } : {}),
      ...(key === undefined ? {} : { concurrencyKey: key }),
    };
    const args: JobArgs<unknown> = {
      input,
      owner,
      ...(timeout === undefined ? {} : { timeout }),
      ...(key === undefined ? {} : { concurrencyKey: key }),
    };
    // A delayed job takes its place when it is due, by itself.
    const place = key === undefined || delayMs > 0 ? null : { jobId: id, owner, type, key };
    // One with an Idempotency-Key may be repeated, or under way elsewhere, and then needs its place.
    const leave = async () => {
      if (place && !keyed) await this.gate.leave(place);
    };
    try {
      const holder = place && (await this.gate.enter({ ...place, onConflict }));
      if (holder) return { job: holder, how: 'existing' };
    } catch (error) {
      if (isTemporalUnavailable(error)) await leave();
      throw error;
    }
    try {
      const job = await this.starter.start({ id, type, args, memo, delayMs, priority: request.priority });
      return { job, how: 'started' };
    } catch (error) {
      if (error instanceof NotSent) await leave();
      if (!(error instanceof WorkflowExecutionAlreadyStartedError) || !keyed) throw error;
      const job = await this.replays.find(keyed, owner);
      if (!job) throw error;
      return { job, how: 'replayed' };
    }
  }

  private checkModel({ type, input }: JobRequest): void {
    const { names, default: usual } = this.models;
    const named = typeof input === 'object' && input !== null && 'model' in input ? input.model : undefined;
    const refuse = (code: ProblemCode, what: string, detail: string): Problem =>
      new Problem(code, `${what} ${detail}`, { errors: [{ pointer: '/input/model', detail }] });
    if (typeof named === 'string' && !names.includes(named)) {
      throw refuse(
        'unknown-model',
        `The model "${named}" is not offered.`,
        `The models here are ${names.join(', ')}.`,
      );
    }
    if (!jobTypes[type]?.needsModel || (named ?? usual) !== rulesName) return;
    const others = names.filter((name) => name !== rulesName);
    const detail = others.length > 0 ? `Name one of ${others.join(', ')}.` : 'MODEL is not set.';
    throw refuse('model-required', 'The built-in rules cannot do this.', detail);
  }
}

const delayOf = ({ startAt, delay }: JobRequest): number =>
  delay !== undefined
    ? delay * 1000
    : startAt === undefined
      ? 0
      : Math.max(0, Date.parse(startAt) - Date.now());
