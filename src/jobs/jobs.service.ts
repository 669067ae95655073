import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { jobTypeNamed } from '../../job-types/index.js';
import type { Job } from '../../job-types/contract/job.js';
import type { Need } from '../../job-types/contract/job-type.js';
import type { JobArgs } from '../../workflows/frame/messages.js';
import type { Place } from '../../store/concurrency.js';
import { isDatabaseUnavailable } from '../../store/unavailable.js';
import { parsed } from '../problems/validation.js';
import { isTemporalUnavailable } from '../temporal/temporal-client.js';
import { JobFiles, isFileUnknown } from '../files/job-files.js';
import { ConcurrencyGate } from './concurrency-gate.js';
import type { JobMemo } from '../reading/run.js';
import { JobReader } from '../reading/job-reader.js';
import { type Keyed, keyReused, keyed } from './idempotency.js';
import { type CheckedRequest, JobRequest } from './job-request.js';
import { JobStarter, NotSent } from './job-starter.js';
import { ModelCheck } from './model-check.js';
import { Needs } from './needs.js';

export interface SubmitOptions {
  owner: string;
  /** Public id of the API key; null without keys. */
  by: string | null;
  /** The header `Idempotency-Key`. */
  key?: string | undefined;
}

/** What a submit came to: a new job, one that an equal submit has started, or one that holds the concurrency key. */
export interface Submitted {
  job: Job;
  how: 'started' | 'replayed' | 'existing';
}

interface Starting {
  owner: string;
  /** Public id of the API key; null without keys. */
  by: string | null;
  /** Of a submit with an Idempotency-Key. */
  keyed?: Keyed | undefined;
  /** When it came, by the clock of `performance`; left out: now. */
  cameAt?: number;
}

@Injectable()
export class JobsService {
  /** Keyed submits under way in this process, by job. */
  private readonly underWay = new Map<string, Promise<unknown>>();

  constructor(
    private readonly starter: JobStarter,
    private readonly gate: ConcurrencyGate,
    private readonly reader: JobReader,
    private readonly needs: Needs,
    private readonly models: ModelCheck,
    private readonly files: JobFiles,
  ) {}

  /**
   * Answers a repeated submit before any other rule applies. The rules for a body may have changed since, and it needs no
   * place in a queue. A new one is checked, placed and started.
   * @param body as it came
   * @throws {Problem} for a body that is not valid, a key that cannot be used, or a conflict; nothing was started then
   */
  async submit(body: unknown, { owner, by, key }: SubmitOptions): Promise<Submitted | CheckedRequest> {
    const cameAt = performance.now();
    const submit = key === undefined ? undefined : keyed(key, { owner, body });
    const earlier = submit && !(await this.startTells(submit, body)) && (await this.replay(submit, owner));
    if (earlier) return earlier;
    const request = parsed(JobRequest, body);
    const { validateOnly, type, input } = request;
    if (!validateOnly) return this.start(request, { owner, by, keyed: submit, cameAt });
    await this.check(request, owner);
    return { valid: true, type, input: input as CheckedRequest['input'] };
  }

  /**
   * Whether a start alone tells that a key was used before: Temporal refuses a second job of one id. In a crowd that saves
   * the line of those who look. What is looked at before a start is to be refused, or takes a place, is looked up.
   */
  private async startTells({ jobId }: Keyed, body: unknown): Promise<boolean> {
    if (!this.reader.crowded && !this.starter.crowded) return false;
    const { data: request } = JobRequest.safeParse(body);
    if (!request || request.validateOnly || concurrencyKeyOf(request) !== undefined) return false;
    if (this.models.refusal(request) || needsOf(request).length > 0) return false;
    if (this.files.areNamed(request)) return false;
    try {
      return !(await this.gate.isKnown(jobId));
    } catch (error) {
      if (isDatabaseUnavailable(error)) return false;
      throw error;
    }
  }

  /** As a submit would be, and nothing is started. @throws {Problem} */
  async checked(body: unknown, owner: string): Promise<JobRequest> {
    const request = parsed(JobRequest, body);
    await this.check(request, owner);
    return request;
  }

  /** Starts the job, unless a submit with the same key is doing so, or its concurrency key is taken. */
  async start(request: JobRequest, options: Starting): Promise<Submitted> {
    const { keyed: submit, owner } = options;
    await this.check(request, owner);
    if (!submit) return this.begin(request, options);
    const before = this.underWay.get(submit.jobId);
    if (before) {
      // A start that finds its id taken costs Temporal as much as one that succeeds.
      await Promise.allSettled([before]);
      const earlier = await this.replay(submit, owner);
      if (earlier) return earlier;
    }
    const submitted = this.begin(request, options);
    this.underWay.set(submit.jobId, submitted);
    try {
      return await submitted;
    } finally {
      if (this.underWay.get(submit.jobId) === submitted) this.underWay.delete(submit.jobId);
    }
  }

  /**
   * The job an earlier submit with the same key has started, as it is now. Once Temporal has forgotten it, the archive
   * tells. Null when there was none.
   * @throws {Problem} idempotency-key-reused
   */
  async replay({ jobId, fingerprint }: Keyed, owner: string): Promise<Submitted | null> {
    const found = await this.reader.find(jobId);
    if (!found) {
      const answer = await this.gate.answered({ jobId, fingerprint });
      return answer === null ? null : { job: await this.reader.read(answer, owner), how: 'replayed' };
    }
    if (found.job.owner !== owner) return null;
    if (found.run.memo.fingerprint === fingerprint) {
      await this.starter.foundStarted(found.run);
      return { job: found.job, how: 'replayed' };
    }
    throw keyReused(jobId);
  }

  private async begin(
    request: JobRequest,
    { owner, by, keyed: submit, cameAt }: Starting,
  ): Promise<Submitted> {
    const { type, input, tags, metadata, timeout, budget, onConflict = 'queue' } = request;
    const key = concurrencyKeyOf(request);
    const id = submit?.jobId ?? `job_${randomUUID()}`;
    const delayMs = delayOf(request);
    const memo: JobMemo = {
      owner,
      tags,
      metadata,
      ...(by === null ? {} : { submittedBy: by }),
      ...(submit ? { fingerprint: submit.fingerprint } : {}),
      ...(key === undefined ? {} : { concurrencyKey: key }),
      ...(budget ? { budget } : {}),
    };
    const args: JobArgs<unknown> = {
      input,
      owner,
      ...(timeout === undefined ? {} : { timeout }),
      ...(budget ? { budget } : {}),
      ...(key === undefined ? {} : { concurrencyKey: key }),
    };
    // A delayed job takes its place when it is due, by itself.
    const place = key === undefined || delayMs > 0 ? null : { jobId: id, owner, type, key };
    // One with an Idempotency-Key may be repeated, or under way elsewhere, and then needs its place.
    const leave = async () => {
      if (place && !submit) await this.gate.leave(place.jobId);
    };
    try {
      const { fingerprint } = submit ?? {};
      const holder = place && (await this.gate.enter({ ...place, fingerprint, onConflict }));
      if (holder) {
        await this.starter.foundStarted(holder.run);
        return { job: holder.job, how: 'existing' };
      }
    } catch (error) {
      if (isTemporalUnavailable(error)) await leave();
      throw error;
    }
    try {
      const { priority } = request;
      const job = await this.starter.start({ id, type, args, memo, delayMs, priority, cameAt });
      return { job, how: 'started' };
    } catch (error) {
      if (error instanceof NotSent || isFileUnknown(error)) await leave();
      if (!(error instanceof WorkflowExecutionAlreadyStartedError) || !submit) throw error;
      if (place) await this.leaveToOther(place);
      const earlier = await this.replay(submit, owner);
      if (!earlier) throw error;
      return earlier;
    }
  }

  /** Another request with the same Idempotency-Key was started first, under another concurrency key or none. */
  private async leaveToOther(place: Place): Promise<void> {
    const started = await this.reader.find(place.jobId);
    if (started && started.job.concurrencyKey !== place.key) await this.gate.leave(place.jobId);
  }

  /** @throws {Problem} for what one body cannot tell by itself */
  private async check(request: JobRequest, owner: string): Promise<void> {
    this.models.check(request);
    for (const need of needsOf(request)) await this.needs.check(need, owner);
    await this.files.check({ ...request, owner });
  }
}

const delayOf = ({ startAt, delay }: JobRequest): number =>
  delay !== undefined
    ? delay * 1000
    : startAt === undefined
      ? 0
      : Math.max(0, Date.parse(startAt) - Date.now());

/** What the submit names, or what its type says that such jobs share. */
const concurrencyKeyOf = ({ type, input, concurrencyKey }: JobRequest): string | undefined =>
  concurrencyKey ?? jobTypeNamed(type)?.concurrencyKey?.(input);

function needsOf({ type, input }: JobRequest): readonly Need[] {
  const needs = jobTypeNamed(type)?.needs?.(input) ?? [];
  return 'kind' in needs ? [needs] : needs;
}
