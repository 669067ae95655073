import { Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import type { Fork, Job } from '../../job-types/contract/job.js';
import { jobTypeNamed } from '../../job-types/index.js';
import type { ForkClaim } from '../../store/fork-claims.js';
import { rootOf } from '../../store/receipts.js';
import { Store } from '../database/store.js';
import { JobEnds } from '../ends/job-ends.js';
import { Problem } from '../problems/problems.js';
import type { Original } from './copies.js';
import { keyReused } from './idempotency.js';
import { NotSent } from './job-starter.js';
import { JobsService, type Submitted } from './jobs.service.js';
import { type NewJob, type OldJob, type RerunCall, Rerunner } from './rerunner.js';

/** What POST /v1/jobs/{id}/fork takes. */
export const ForkRequest = z
  .strictObject({
    fromStep: z.string().max(100).meta({ description: 'The first step that is done again, by its name' }),
    input: z
      .record(z.string(), z.json())
      .optional()
      .meta({ description: 'In place of the input of the old job, whole' }),
    model: z.string().max(200).optional().meta({ description: 'In place of the model that its input names' }),
  })
  .meta({ id: 'ForkRequest' });
export type ForkRequest = z.infer<typeof ForkRequest>;

export interface ForkCall extends RerunCall {
  request: ForkRequest;
}

/** Makes a new job of any that has ended: again from a step on, reusing what the steps before it have left. */
@Injectable()
export class Forker {
  private readonly logger = new Logger('jobs');

  constructor(
    private readonly jobs: JobsService,
    private readonly rerunner: Rerunner,
    private readonly ends: JobEnds,
    private readonly store: Store,
  ) {}

  /**
   * Each call makes another job, unless it repeats an Idempotency-Key.
   * @throws {Problem} not-finished, input-gone, queue-full, idempotency-key-reused, validation-failed with pointers into
   * the request; nothing was started then
   */
  async fork(jobId: string, { request, ...call }: ForkCall): Promise<Submitted> {
    const claimed: string[] = [];
    const differ = async ({ job, original, instead }: OldJob, { id, fingerprint }: NewJob) => {
      const steps = stepsBefore(job, request.fromStep);
      const input = await this.inputOf(original, { instead, owner: call.owner, ...request });
      // What the old job's steps still write does not count from its record on.
      await this.ends.seeTo(jobId);
      if (fingerprint !== undefined) {
        await this.claim({ jobId: id, fingerprint });
        claimed.push(id);
      }
      return { input, forkOf: await this.handOn(jobId, { id, steps, fromStep: request.fromStep }) };
    };
    try {
      return await this.rerunner.again(jobId, { ...call, body: { forkOf: jobId, ...request }, differ });
    } catch (error) {
      if (hasStartedNothing(error)) for (const id of claimed) await this.release(id);
      throw error;
    }
  }

  /** @throws {Problem} idempotency-key-reused, before anything is handed on */
  private async claim(claim: ForkClaim): Promise<void> {
    if (!(await this.store.forkClaims.claim(claim))) throw keyReused();
  }

  /** If this fails, the key stays with the request that had it. */
  private async release(jobId: string): Promise<void> {
    try {
      await this.store.forkClaims.release(jobId);
    } catch (error) {
      this.logger.warn(`what ${jobId}, which is not started, was handed on stays: ${String(error)}`);
    }
  }

  /** Undefined for the input that the old job had. */
  private async inputOf(
    { type, args }: Original,
    { instead, owner, input, model }: ForkRequest & Pick<OldJob, 'instead'> & { owner: string },
  ): Promise<unknown> {
    if (input === undefined && model === undefined) return undefined;
    const wanted = {
      ...(input ?? { ...(args.input as object), ...instead }),
      ...(model === undefined ? {} : { model }),
    };
    const { budget } = args;
    try {
      return (await this.jobs.checked({ type, input: wanted, ...(budget && { budget }) }, owner)).input;
    } catch (error) {
      throw model !== undefined && error instanceof Problem ? pointedAtModel(error) : error;
    }
  }

  /** Copies what those steps have left, before there is a job that looks for it. */
  private async handOn(
    jobId: string,
    { id, steps, fromStep }: { id: string; steps: string[]; fromStep: string },
  ): Promise<Fork> {
    const { receipts, modelCalls } = this.store;
    const left = new Set(await receipts.copy({ from: rootOf(jobId), to: id, steps }));
    const reuses = steps.filter((step) => left.has(step));
    return { job: jobId, fromStep, reuses, saves: await modelCalls.costOfCopies(id, reuses) };
  }
}

/** What is not known for certain may have been started all the same. */
const hasStartedNothing = (error: unknown): boolean =>
  error instanceof NotSent || (error instanceof Problem && error.code !== 'temporal-unavailable');

/** @throws {Problem} validation-failed, for a step that the type does not have */
function stepsBefore({ type }: Job, fromStep: string): string[] {
  const names = jobTypeNamed(type)?.steps.map(({ name }) => name) ?? [];
  const at = names.indexOf(fromStep);
  if (at >= 0) return names.slice(0, at);
  const detail = `The steps of ${type} are ${names.join(', ')}.`;
  throw new Problem('validation-failed', `There is no step "${fromStep}".`, {
    errors: [{ pointer: '/fromStep', detail }],
  });
}

/** The model was given beside the input. */
function pointedAtModel(problem: Problem): Problem {
  const { code, message, options } = problem;
  const errors = options.errors?.map((error) =>
    error.pointer === '/input/model' ? { ...error, pointer: '/model' } : error,
  );
  return new Problem(code, message, { ...options, ...(errors && { errors }) });
}
