import { randomUUID } from 'node:crypto';
import { BadRequestException, HttpException, Injectable, Logger } from '@nestjs/common';
import type { Job } from '../../../job-types/contract/job.js';
import type { Plan } from '../../../job-types/fields/workbook/plan.js';
import type { RunWorkbookPlanConfirm, RunWorkbookPlanInput } from '../../../job-types/run-workbook-plan.js';
import type { ChatKey } from '../../../store/workbook-chats.js';
import { CancelRequest } from '../../cancel/cancel-request.js';
import { Canceller } from '../../cancel/canceller.js';
import { Store } from '../../database/store.js';
import { Answerer } from '../../jobs/answerer.js';
import { JobsService } from '../../jobs/jobs.service.js';
import { Problem } from '../../problems/problems.js';
import { JobReader } from '../../reading/job-reader.js';
import { JobWatch } from '../../reading/job-watch.js';
import { checkedRequest } from '../checked.js';
import { type PlanInput, checkPlan, inputFor, markOf } from './plan-input.js';
import { type Proposal, isConfirmed, proposalOf } from './proposal.js';

/** Whose conversation it is, and who asks. */
export interface ChatCall extends ChatKey {
  /** Public id of the API key; null without keys. */
  by: string | null;
}

/** Seconds that a request waits for a plan. Rules need none; a model that takes longer shows its plan in the history. */
const proposalWait = 20;
/** Seconds that it is waited for a plan that was shown already. */
const readingWait = 5;
/** Seconds that a confirm waits to see what the job has made of an answer that came at the last moment. */
const decisionWait = 2;

/** How often a confirm looks again when others change what waits under its eyes. */
const mostRounds = 4;

const type = 'runWorkbookPlan';
const nothingWaits = 'There is no plan that waits for you. Say what is to be done, or upload a file first.';

/** Plans of conversations about workbooks, and the jobs that propose and run them. */
@Injectable()
export class WorkbookPlans {
  private readonly logger = new Logger('workbook-chat');

  constructor(
    private readonly store: Store,
    private readonly jobs: JobsService,
    private readonly answerer: Answerer,
    private readonly reader: JobReader,
    private readonly watch: JobWatch,
    private readonly canceller: Canceller,
  ) {}

  /**
   * Has a plan proposed in place of the one that waits. What was asked stays asked until the job is there.
   * @returns the job, which waits for a decision or has failed, where it was in time
   */
  async propose(call: ChatCall, { message, input }: { message: string; input: PlanInput }): Promise<Job> {
    const job = this.newJob(call);
    await this.store.workbookChats.asked(call, message);
    const before = await this.store.workbookChats.propose(call, job);
    try {
      await this.start(call, { job, input: { message, ...input, confirm: true } });
    } catch (error) {
      // One that may have been started all the same waits until the next one takes its place.
      if (wasNotStarted(error)) await this.store.workbookChats.drop(call, job);
      throw error;
    } finally {
      if (before !== null) await this.answerNo(call, before);
    }
    await this.store.workbookChats.answered(call, message);
    await this.endUnlessAwaited(call, job);
    const wanted = (seen: Job) => seen.done || proposalOf(seen) !== null;
    const seen = await this.watch.until(job, { owner: call.owner, seconds: proposalWait, wanted });
    if (seen.done) await this.store.workbookChats.forgetPending(call, job);
    return seen;
  }

  /**
   * The plan that waits; null when none does.
   * @throws {Problem} input-unconfirmed, when no worker tells what the plan is
   */
  async pending(call: ChatCall): Promise<Proposal | null> {
    return (await this.waiting(call)).proposal;
  }

  /**
   * Runs the plan that waits, or the one of the request. Confirmed twice, with nothing in between, it is the same job.
   * @throws {BadRequestException} when there is nothing to run, or no file
   * @throws {Problem} validation-failed, which points at a step
   */
  async confirm(call: ChatCall, plan: Plan | null): Promise<string> {
    for (let round = 1; round <= mostRounds; round += 1) {
      const job = await this.confirmOnce(call, plan);
      if (job !== null) return job;
    }
    throw new Problem('input-unconfirmed', 'Other requests change the plan at this moment.', {
      retryAfter: 1,
    });
  }

  /** @returns null when things have changed since it looked, and it has to look again */
  private async confirmOnce(call: ChatCall, plan: Plan | null): Promise<string | null> {
    const { job: seen, proposal } = await this.waiting(call);
    const run = plan ?? proposal?.plan ?? [];
    const input = inputFor(await this.store.workbookRecords.files(call), run);
    if (!input) throw new BadRequestException('There is no file to run a plan on. Upload one first.');
    checkPlan(run, { input, proposal });
    const decided = await this.store.workbookChats.confirm(call, {
      ...{ job: this.newJob(call), seen, kind: type },
      ...{ asked: plan && markOf(plan), run: markOf(run), shown: run },
      told: { ...(plan ? { plan } : {}), ...input },
    });
    if (decided.how === 'changed') return null;
    if (decided.how === 'nothing') throw new BadRequestException(nothingWaits);
    const { job } = decided;
    const told = decided.told as PlanInput & { plan?: Plan };
    if (decided.how === 'start') {
      await this.begin(call, { job, input: { ...told, confirm: false }, again: decided.again });
      return job;
    }
    if (await this.deliver(call, { job, answer: { confirmed: true, ...told } })) return job;
    // What waited has ended meanwhile. A plan of the request needs none that waits.
    await this.store.workbookChats.drop(call, job);
    if (plan === null) throw new BadRequestException(nothingWaits);
    return null;
  }

  /** The job that waits with its plan, and that plan. One that has ended by itself waits no longer. */
  private async waiting(call: ChatCall): Promise<{ job: string | null; proposal: Proposal | null }> {
    const job = (await this.store.workbookChats.find(call))?.pending_job ?? null;
    if (job === null || !(await this.reader.find(job))) return { job, proposal: null };
    const wanted = (seen: Job) => seen.done || seen.answers.length > 0 || proposalOf(seen) !== null;
    const seen = await this.watch.until(job, { owner: call.owner, seconds: readingWait, wanted });
    if (seen.done) {
      await this.store.workbookChats.forgetPending(call, job);
      return { job: null, proposal: null };
    }
    const proposal = proposalOf(seen);
    if (proposal || wanted(seen)) return { job, proposal };
    throw new Problem('input-unconfirmed', 'The plan is not there yet, or no worker tells it.', {
      retryAfter: 5,
    });
  }

  /** @returns whether a plan waited */
  async decline(call: ChatCall): Promise<boolean> {
    const job = await this.store.workbookChats.decline(call);
    if (job === null) return false;
    await this.answerNo(call, job);
    return true;
  }

  /** Stops what runs or is about to. @returns whether there was something */
  async cancel(call: ChatCall): Promise<boolean> {
    const rows = await this.store.workbookRecords.confirmed(call);
    let stopped = false;
    for (const { job_id: id } of rows.toReversed()) {
      const found = await this.reader.find(id);
      if (!found || found.job.done) continue;
      stopped = true;
      await this.cancelJob(call, { job: id, reason: 'The person said so in the conversation.' });
    }
    return (await this.decline(call)) || stopped;
  }

  async cancelJob({ owner, by }: ChatCall, { job, reason }: { job: string; reason: string }): Promise<void> {
    try {
      await this.canceller.cancel(job, { owner, by, request: CancelRequest.parse({ reason }) });
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'job-not-found') throw error;
    }
  }

  /** A start whose outcome is not known is repeated by whoever confirms again. */
  private async begin(call: ChatCall, started: Started & { again: boolean }): Promise<void> {
    try {
      await this.start(call, started);
    } catch (error) {
      // Whoever asks again does not know what has become of the first start.
      if (!started.again && wasNotStarted(error)) {
        await this.store.workbookChats.drop(call, started.job);
      }
      throw error;
    }
  }

  private async start({ owner, by, chat }: ChatCall, { job, input }: Started): Promise<void> {
    const request = checkedRequest({ type, input: { ...input, conversation: chat } });
    await this.jobs.start(request, { owner, by, keyed: { jobId: job, fingerprint: job } });
  }

  /** @returns false when the job does not wait any more, because it ran out of time or was declined */
  private async deliver({ owner, by }: ChatCall, { job, answer }: Delivery): Promise<boolean> {
    const ids = [answer.file, ...(answer.others ?? []).map(({ file }) => file)].filter(
      (id) => id !== undefined,
    );
    await this.store.files.claim({ ids, owner, jobId: job });
    try {
      await this.answerer.answer(job, { owner, by, request: { name: 'confirm', value: toJson(answer) } });
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.code === 'job-not-found') return false;
      if (error.code === 'not-waiting') return this.wasConfirmed(job, owner);
      throw error;
    }
  }

  /** Whoever said no, or deleted the conversation, while the job was being started could not reach it. */
  private async endUnlessAwaited(call: ChatCall, job: string): Promise<void> {
    const chat = await this.store.workbookChats.find(call);
    if (chat?.pending_job !== job && chat?.decided_job !== job) await this.answerNo(call, job);
  }

  /**
   * Another request may have told the job the same a moment ago.
   * @throws {Problem} input-unconfirmed, when the job does not show in time what it was told
   */
  private async wasConfirmed(job: string, owner: string): Promise<boolean> {
    const decided = (seen: Job) => seen.done || isConfirmed(seen);
    const seen = await this.watch.until(job, { owner, seconds: decisionWait, wanted: decided });
    if (decided(seen)) return isConfirmed(seen);
    const detail = 'The plan was answered a moment ago, and what it was told is not known yet.';
    throw new Problem('input-unconfirmed', detail, { retryAfter: 1 });
  }

  /** A plan that nobody can tell so ends by itself, when its time is over. */
  private async answerNo({ owner, by }: ChatCall, job: string): Promise<void> {
    try {
      const request = { name: 'confirm', value: { confirmed: false } };
      await this.answerer.answer(job, { owner, by, request });
    } catch (error) {
      if (error instanceof Problem && error.code === 'not-waiting') {
        await this.cancelUnlessOver({ owner, by }, job);
        return;
      }
      this.logger.warn(`${job} is not told that its plan was declined: ${String(error)}`);
    }
  }

  /** It has not come to its proposal yet. */
  private async cancelUnlessOver({ owner, by }: Omit<ChatCall, 'chat'>, job: string): Promise<void> {
    const found = await this.reader.find(job);
    if (!found || found.job.done || found.job.answers.length > 0) return;
    await this.cancelJob({ owner, by, chat: '' }, { job, reason: 'Another plan takes its place.' });
  }

  /** Starts with the conversation, and is one of all owners. */
  private newJob({ chat }: ChatKey): string {
    return `${chat}_workflow_${randomUUID().replaceAll('-', '')}`;
  }
}

interface Started {
  job: string;
  input: RunWorkbookPlanInput;
}

interface Delivery {
  job: string;
  answer: RunWorkbookPlanConfirm;
}

/** Where nobody knows what became of a start, the job is named. */
const wasNotStarted = (error: unknown): boolean =>
  error instanceof HttpException || (error instanceof Problem && error.options.job === undefined);

/** What an answer is sent as. */
const toJson = (answer: RunWorkbookPlanConfirm) =>
  JSON.parse(JSON.stringify(answer)) as Record<string, never>;
