import { z } from 'zod';
import { answerSchema, jobTypeNamed } from '../../job-types/index.js';
import { type Job, type StepView, isFinal } from '../../job-types/contract/job.js';
import type { JobSnapshot, StepState } from '../../job-types/contract/outcome.js';
import type { Facts } from './facts.js';
import { toBudget } from './job-budget.js';
import { type PendingActivity, withProgress } from './pending-activity.js';
import { percentOf } from './percent.js';
import type { Run } from './run.js';
import { stalledOf, statusOf } from './status.js';
import type { LoggedStep } from './step-log.js';

type Wait = Job['waitingFor'][number];

/**
 * The job that is shown: what `describe` says of its run, and what the workflow and the database add.
 * @param shown.temporalUi where to look at the run
 */
export function toJob(
  described: Run,
  { facts, temporalUi }: { facts: Facts; temporalUi: string | null },
): Job {
  // Nothing of an ended job runs, whatever Temporal still holds of its last steps.
  const activities =
    described.finishedAt === null ? withProgress(described.activities, facts.said.progress) : [];
  const run = { ...described, activities };
  const { status } = statusOf(run);
  const { outcome, snapshot } = facts;
  const done = isFinal(status);
  const steps = toSteps(run, facts);
  const output = snapshot?.output ?? facts.said.output;
  const usage = facts.usage ?? spent(snapshot);
  const self = `/v1/jobs/${run.jobId}`;
  return {
    id: run.jobId,
    type: run.type,
    owner: run.memo.owner,
    status,
    done,
    partial: done && isPartial(run, { steps, output }),
    createdAt: run.createdAt,
    startedAt: snapshot?.startedAt ?? steps.find(({ startedAt }) => startedAt)?.startedAt ?? null,
    finishedAt: run.finishedAt,
    stalled: stalledOf(run),
    progress: toProgress(run, { facts, steps }),
    steps,
    output,
    budget: toBudget(run.memo.budget, usage),
    usage,
    waitingFor: status === 'waiting' ? toWaits(run, snapshot) : [],
    answers: snapshot?.answers ?? [],
    result: (outcome?.result ?? null) as Job['result'],
    failure: outcome?.failure ?? null,
    cancel: toCancel(run, facts),
    submittedBy: run.memo.submittedBy ?? null,
    retryOf: run.memo.retryOf ?? null,
    rerunOf: run.memo.rerunOf ?? null,
    forkOf: run.memo.forkOf ?? null,
    concurrencyKey: run.memo.concurrencyKey ?? null,
    tags: run.memo.tags,
    metadata: run.memo.metadata,
    links: {
      self,
      events: `${self}/events`,
      result: done && status === 'succeeded' ? `${self}/result` : null,
      cancel: done ? null : `${self}/cancel`,
      temporalUi,
    },
  };
}

/** A job that was ended at its budget gives what it had. */
const isPartial = (
  run: Run,
  { steps, output }: { steps: readonly StepView[]; output: Job['output'] },
): boolean =>
  statusOf(run).status === 'succeeded'
    ? steps.some(hasFailedItems) || run.memo.budget?.ended === true
    : output !== null;

/** Of a job that has ended, Temporal's word of a cancel counts where it was the end: what comes too late changes nothing. */
function toCancel(run: Run, { cancellation, record }: Facts): Job['cancel'] {
  const { status } = statusOf(run);
  if (!cancellation)
    return (isFinal(status) ? status === 'cancelled' : run.cancelRequested) ? unexplained : null;
  const { requestedAt, reason, mode, deadline, escalated, requestedBy } = cancellation;
  const tooLate = record && record.archivedAt !== undefined && requestedAt > record.archivedAt;
  if (tooLate) return null;
  return {
    requestedAt,
    reason,
    mode,
    deadline,
    // It was going to be, and ended by itself.
    escalated: escalated && !(isFinal(status) && status !== 'terminated'),
    requestedBy,
  };
}

/** Only Temporal knows of it. */
const unexplained: Job['cancel'] = {
  requestedAt: null,
  reason: null,
  mode: null,
  deadline: null,
  escalated: false,
  requestedBy: null,
};

/** What stands in for the ledger while the database is away, and for jobs from before there was one. */
function spent(snapshot: JobSnapshot | null): Job['usage'] {
  if (!snapshot?.usage) return null;
  const { inputTokens, outputTokens, costUsd } = snapshot.usage;
  return {
    inputTokens,
    cachedInputTokens: 0,
    outputTokens,
    reasoningTokens: 0,
    costUsd,
    wastedUsd: null,
    savedUsd: null,
    estimated: true,
  };
}

/** The data comes from the workflow, the rest needs no worker. */
function toWaits({ type, waitingFor }: Run, snapshot: JobSnapshot | null): Wait[] {
  return waitingFor.flatMap(({ id, name, expiresAt }) => {
    const schema = answerSchema(type, name);
    if (!schema) return [];
    const data = snapshot?.waitingFor.find((wait) => wait.id === id)?.data ?? null;
    return [
      {
        id,
        name,
        schema: z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Wait['schema'],
        data: data as Wait['data'],
        expiresAt,
      },
    ];
  });
}

/** The type's own steps in their order, then whatever else the run has done (a type may have lost a step since). */
function toSteps(run: Run, facts: Facts): StepView[] {
  const known = jobTypeNamed(run.type)?.steps ?? [];
  const titles = new Map(known.map(({ name, title }) => [name, title]));
  const seen = [...(facts.snapshot?.steps.map(({ name }) => name) ?? []), ...facts.log.keys()];
  const names = new Set([...titles.keys(), ...seen]);
  return [...names].map((name) =>
    toStep(
      { name, title: titles.get(name) ?? name },
      {
        state: facts.snapshot?.steps.findLast((step) => step.name === name),
        logged: facts.log.get(name),
        pending: run.activities.filter(({ step }) => step === name),
        done: run.finishedAt !== null,
        paused: run.finishedAt === null && run.pausedSince !== null,
      },
    ),
  );
}

/** What each source has of one step. */
interface Tellers {
  state: StepState | undefined;
  logged: LoggedStep | undefined;
  /** One a step, or one an item of it that is under way. */
  pending: readonly PendingActivity[];
  /** Whether the job has ended. */
  done: boolean;
  /** Whether an operator has paused the whole run. What its step does meanwhile comes to nothing before it is resumed. */
  paused: boolean;
}

function toStep({ name, title }: { name: string; title: string }, tellers: Tellers): StepView {
  const { state, logged } = tellers;
  const pending = mostUrgent(tellers.pending);
  const items = state?.items ?? logged?.items ?? null;
  return {
    name,
    title,
    status: stepStatus(tellers),
    // The workflow was asked after Temporal, and has just begun it.
    attempt: pending?.attempt ?? logged?.attempt ?? (state?.status === 'running' ? 1 : null),
    maxAttempts: pending?.maxAttempts ?? null,
    lastFailure: state?.failure ?? pending?.lastFailure ?? logged?.lastFailure ?? null,
    nextRetryAt: pending?.nextRetryAt ?? null,
    startedAt: state?.startedAt ?? logged?.startedAt ?? pending?.startedAt ?? null,
    finishedAt: state ? state.finishedAt : (logged?.finishedAt ?? null),
    done: items?.done ?? pending?.heartbeat?.done ?? null,
    failed: items?.failed ?? null,
    total: items ? items.total : (pending?.heartbeat?.total ?? null),
    failures: state?.items?.failures ?? [],
    reused: logged?.reused ?? false,
    notes: state?.notes ?? [],
  };
}

function stepStatus({ state, logged, pending: all, done, paused }: Tellers): StepView['status'] {
  const pending = mostUrgent(all);
  if (pending?.pausedSince) return 'paused';
  const tried = pending && (pending.nextRetryAt ? 'retrying' : 'running');
  const status = tried ?? state?.status ?? logged?.status ?? 'pending';
  if (status !== 'running' && status !== 'retrying') return status;
  // A run that was ended from outside leaves its last step open in every record.
  return done ? 'cancelled' : paused ? 'paused' : status;
}

/** What holds the step up counts for all of its items: an operator's pause, then a failure that is waited out. */
const mostUrgent = (pending: readonly PendingActivity[]): PendingActivity | undefined =>
  pending.find(({ pausedSince }) => pausedSince) ??
  pending.find(({ nextRetryAt }) => nextRetryAt) ??
  pending[0];

const hasFailedItems = ({ failed }: StepView): boolean => (failed ?? 0) > 0;

const isCurrent: ReadonlySet<StepView['status']> = new Set(['running', 'retrying', 'paused']);

const pausedSentence = 'Paused in Temporal; goes on when an operator resumes it.';

function toProgress(run: Run, { facts, steps }: { facts: Facts; steps: StepView[] }): Job['progress'] {
  const told = statusOf(run);
  const open = run.activities[0];
  const current = stepItIsIn(told.status, { steps, open });
  const succeeded = steps.filter(({ status }) => status === 'succeeded').length;
  const step = steps[current];
  const stalled = stalledOf(run);
  return {
    percent: percentOf(told.status, {
      steps: steps.length,
      succeeded,
      within: steps.filter((one) => one.status !== 'succeeded'),
    }),
    step: step?.name ?? null,
    stepIndex: current === -1 ? null : current,
    stepCount: steps.length,
    message:
      stalled?.reason === 'paused'
        ? pausedSentence
        : (told.status === 'running' && (open?.heartbeat?.message ?? titleOf(step))) || told.sentence,
    source: facts.source,
  };
}

/** With how far it is, of a step that is done for several. */
const titleOf = (step: StepView | undefined): string | undefined =>
  step?.total && step.failed !== null
    ? `${step.title}: ${(step.done ?? 0) + step.failed} of ${step.total}`
    : step?.title;

/** Where the job is, by number. Between two steps it is in the next one, and in the last one until it closes. */
function stepItIsIn(
  status: Job['status'],
  { steps, open }: { steps: readonly StepView[]; open: PendingActivity | undefined },
): number {
  // Of several steps that have items to come, it is the one that works.
  const atWork = steps.findIndex(({ name, status: its }) => isCurrent.has(its) && name === open?.step);
  const working = atWork === -1 ? steps.findIndex((step) => isCurrent.has(step.status)) : atWork;
  const between = status === 'running' && steps.some((step) => step.status === 'succeeded');
  if (working !== -1 || !between) return working;
  const next = steps.findIndex((step) => step.status === 'pending');
  return next === -1 ? steps.length - 1 : next;
}
