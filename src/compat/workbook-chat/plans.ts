import { randomUUID } from 'node:crypto';
import { BadRequestException, Injectable, Logger } from '@nestjs/common';
import { canonicalJson } from '../../../job-types/contract/canonical-json.js';
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
import { type PlanInput, checkPlan, inputFor } from './plan-input.js';
import { type Proposal, proposalOf } from './proposal.js';

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

  /** Has a plan proposed in place of the one that waits. @returns the job, which waits for a decision or has failed, where it was in time */
  async propose(call: ChatCall, { message, input }: { message: string; input: PlanInput }): Promise<Job> {
    const job = this.newJob(call);
    const before = await this.store.workbookChats.propose(call, job);
    try {
      await this.start(call, { job, input: { message, ...input, confirm: true } });
    } catch (error) {
      await this.store.workbookChats.drop(call, job);
      throw error;
    } finally {
      if (before !== null) await this.answerNo(call, before);
    }
    const wanted = (seen: Job) => seen.done || proposalOf(seen) !== null;
    const seen = await this.watch.until(job, { owner: call.owner, seconds: proposalWait, wanted });
    if (seen.done) await this.store.workbookChats.drop(call, job);
    return seen;
  }

  /**
   * The plan that waits; null when none does.
   * @throws {Problem} input-unconfirmed, when no worker tells what the plan is
   */
  async pending(call: ChatCall): Promise<Proposal | null> {
    const id = (await this.store.workbookChats.find(call))?.pending_job ?? null;
    if (id === null || !(await this.reader.find(id))) return null;
    const wanted = (seen: Job) => seen.done || seen.answers.length > 0 || proposalOf(seen) !== null;
    const seen = await this.watch.until(id, { owner: call.owner, seconds: readingWait, wanted });
    const proposal = proposalOf(seen);
    if (proposal || wanted(seen)) return proposal;
    throw new Problem('input-unconfirmed', 'The plan is not there yet, or no worker tells it.', {
      retryAfter: 5,
    });
  }

  /**
   * Runs the plan that waits, or the one of the request. Confirmed twice, with nothing in between, it is the same job.
   * @throws {BadRequestException} when there is nothing to run, or no file
   * @throws {Problem} validation-failed, which points at a step
   */
  async confirm(call: ChatCall, plan: Plan | null): Promise<string> {
    const waits = await this.pending(call);
    const run = plan ?? waits?.plan ?? [];
    const input = inputFor(await this.store.workbookRecords.files(call), run);
    if (!input) throw new BadRequestException('There is no file to run a plan on. Upload one first.');
    checkPlan(run, { input, proposal: waits });
    const decided = await this.store.workbookChats.confirm(call, {
      job: this.newJob(call),
      plan: plan && canonicalJson(plan),
      shown: run,
    });
    if (decided.how === 'nothing') throw new BadRequestException(nothingWaits);
    const { job } = decided;
    const edited = decided.plan === null ? {} : { plan: JSON.parse(decided.plan) as Plan };
    if (decided.how === 'start') {
      await this.begin(call, { job, input: { ...edited, ...input, confirm: false }, again: decided.again });
    } else {
      await this.deliver(call, { job, answer: { confirmed: true, ...edited, ...input } });
    }
    return job;
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
      if (!started.again && error instanceof Problem && error.options.job === undefined) {
        await this.store.workbookChats.drop(call, started.job);
      }
      throw error;
    }
  }

  private async start({ owner, by, chat }: ChatCall, { job, input }: Started): Promise<void> {
    const request = checkedRequest({ type, input: { ...input, conversation: chat } });
    await this.jobs.start(request, { owner, by, keyed: { jobId: job, fingerprint: job } });
  }

  /** @throws {BadRequestException} when the job does not wait any more, because it ran out of time or was declined */
  private async deliver(call: ChatCall, { job, answer }: Delivery): Promise<void> {
    const { owner, by } = call;
    const ids = [answer.file, ...(answer.others ?? []).map(({ file }) => file)].filter(
      (id) => id !== undefined,
    );
    await this.store.files.claim({ ids, owner, jobId: job });
    try {
      await this.answerer.answer(job, { owner, by, request: { name: 'confirm', value: toJson(answer) } });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.code === 'not-waiting' && (await this.wasConfirmed(job, owner))) return;
      if (error.code !== 'not-waiting' && error.code !== 'job-not-found') throw error;
      await this.store.workbookChats.drop(call, job);
      throw new BadRequestException(nothingWaits, { cause: error });
    }
  }

  /** Another request may have told the job the same a moment ago. */
  private async wasConfirmed(job: string, owner: string): Promise<boolean> {
    const decided = (seen: Job) => seen.done || isConfirmed(seen);
    const seen = await this.watch.until(job, { owner, seconds: decisionWait, wanted: decided });
    return isConfirmed(seen);
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

/** What an answer is sent as. */
const toJson = (answer: RunWorkbookPlanConfirm) =>
  JSON.parse(JSON.stringify(answer)) as Record<string, never>;

const isConfirmed = ({ status, steps, answers, result }: Job): boolean => {
  if (!answers.some(({ name }) => name === 'confirm')) return false;
  const run = steps.find(({ name }) => name === 'run');
  const declined = (result as { decision?: string } | null)?.decision === 'declined';
  return !declined && (status === 'queued' || run?.status !== 'pending' || status !== 'succeeded');
};
