import { z } from 'zod';
import { jobTypes } from '../../job-types/index.js';
import { type Job, type JobStatus, type StepView, isFinal } from '../../job-types/contract/job.js';
import type { JobOutcome, JobSnapshot, StepState } from '../../job-types/contract/outcome.js';
import type { Cancellation } from '../../store/cancellations.js';
import type { Described, JobMemo } from './run.js';
import type { PendingActivity } from './pending-activity.js';
import type { LoggedStep } from './step-log.js';

/** Everything a job is shown from. What a source did not have is null or empty. */
export interface JobFacts {
  id: string;
  runId: string | null;
  type: string;
  memo: JobMemo;
  status: JobStatus;
  sentence: string;
  stalled: Job['stalled'];
  createdAt: string;
  finishedAt: string | null;
  /** From the workflow's status query, or, once final, from the archive. */
  snapshot: JobSnapshot | null;
  /** Whether the snapshot was answered for the present state of the run. */
  source: Job['progress']['source'];
  /** What a model said before it was stopped, or has said so far. */
  output: Job['output'];
  outcome: JobOutcome | null;
  /** By the ledger; null when it has no call of the job, and while the database is away. */
  usage: Job['usage'];
  activities: readonly PendingActivity[];
  log: ReadonlyMap<string, LoggedStep>;
  cancellation: Cancellation | null;
  cancelRequested: boolean;
  waitingFor: Described['waitingFor'];
  temporalUi: string | null;
}

export function toJob(facts: JobFacts): Job {
  const { id, status, outcome, snapshot } = facts;
  const done = isFinal(status);
  const steps = toSteps(facts);
  const { output } = facts;
  const self = `/v1/jobs/${id}`;
  return {
    id,
    type: facts.type,
    owner: facts.memo.owner,
    status,
    done,
    partial: done && status !== 'succeeded' && output !== null,
    createdAt: facts.createdAt,
    startedAt: snapshot?.startedAt ?? steps.find(({ startedAt }) => startedAt)?.startedAt ?? null,
    finishedAt: facts.finishedAt,
    stalled: facts.stalled,
    progress: toProgress(facts, steps),
    steps,
    output,
    usage: facts.usage ?? spent(snapshot),
    waitingFor: toWait(facts),
    result: (outcome?.result ?? null) as Job['result'],
    failure: outcome?.failure ?? null,
    cancel:
      facts.cancelRequested || facts.cancellation
        ? {
            requestedAt: facts.cancellation?.requestedAt ?? null,
            reason: facts.cancellation?.reason ?? null,
            mode: facts.cancellation?.mode ?? null,
            deadline: facts.cancellation?.deadline ?? null,
            escalated: facts.cancellation?.escalated ?? false,
          }
        : null,
    retryOf: facts.memo.retryOf ?? null,
    concurrencyKey: facts.memo.concurrencyKey ?? null,
    tags: facts.memo.tags,
    metadata: facts.memo.metadata,
    links: {
      self,
      events: `${self}/events`,
      result: done && status === 'succeeded' ? `${self}/result` : null,
      cancel: done ? null : `${self}/cancel`,
      temporalUi: facts.temporalUi,
    },
  };
}

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
function toWait({ status, type, waitingFor, snapshot }: JobFacts): Job['waitingFor'] {
  const schema = waitingFor ? jobTypes[type]?.inputs?.[waitingFor.name] : undefined;
  if (status !== 'waiting' || !waitingFor || !schema) return null;
  return {
    ...waitingFor,
    schema: z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as NonNullable<
      Job['waitingFor']
    >['schema'],
    data: (snapshot?.waitingFor?.data ?? null) as NonNullable<Job['waitingFor']>['data'],
  };
}

/** The type's own steps in their order, then whatever else the run has done (a type may have lost a step since). */
function toSteps(facts: JobFacts): StepView[] {
  const known = jobTypes[facts.type]?.steps ?? [];
  const titles = new Map(known.map(({ name, title }) => [name, title]));
  const seen = [...(facts.snapshot?.steps.map(({ name }) => name) ?? []), ...facts.log.keys()];
  const names = new Set([...titles.keys(), ...seen]);
  return [...names].map((name) => toStep(facts, { name, title: titles.get(name) ?? name }));
}

function toStep(facts: JobFacts, { name, title }: { name: string; title: string }): StepView {
  const state = facts.snapshot?.steps.findLast((step) => step.name === name);
  const logged = facts.log.get(name);
  const pending = facts.activities.find(({ step }) => step === name);
  return {
    name,
    title,
    status: stepStatus({ state, logged, pending, done: isFinal(facts.status) }),
    // The workflow was asked after Temporal, and has just begun it.
    attempt: pending?.attempt ?? logged?.attempt ?? (state?.status === 'running' ? 1 : null),
    maxAttempts: pending?.maxAttempts ?? null,
    lastFailure: state?.failure ?? pending?.lastFailure ?? logged?.lastFailure ?? null,
    nextRetryAt: pending?.nextRetryAt ?? null,
    startedAt: state?.startedAt ?? logged?.startedAt ?? pending?.startedAt ?? null,
    finishedAt: state ? state.finishedAt : (logged?.finishedAt ?? null),
    done: pending?.heartbeat?.done ?? null,
    total: pending?.heartbeat?.total ?? null,
    reused: logged?.reused ?? false,
    notes: state?.notes ?? [],
  };
}

interface StepSources {
  state: StepState | undefined;
  logged: LoggedStep | undefined;
  pending: PendingActivity | undefined;
  done: boolean;
}

function stepStatus({ state, logged, pending, done }: StepSources): StepView['status'] {
  if (pending) return pending.nextRetryAt ? 'retrying' : 'running';
  const status = state?.status ?? logged?.status ?? 'pending';
  // A run that was ended from outside leaves its last step open in every record.
  return done && (status === 'running' || status === 'retrying') ? 'cancelled' : status;
}

function toProgress(facts: JobFacts, steps: StepView[]): Job['progress'] {
  const open = facts.activities[0];
  const current = steps.findIndex(({ status }) => status === 'running' || status === 'retrying');
  const finished = steps.filter(({ status }) => status === 'succeeded').length;
  const step = steps[current];
  const within = step?.done && step.total ? Math.min(step.done / step.total, 1) : 0;
  const share = steps.length === 0 ? 0 : (finished + within) / steps.length;
  return {
    percent: facts.status === 'succeeded' ? 100 : Math.floor(share * 100),
    step: step?.name ?? null,
    stepIndex: current === -1 ? null : current,
    stepCount: steps.length,
    message: (facts.status === 'running' && (open?.heartbeat?.message ?? step?.title)) || facts.sentence,
    source: facts.source,
  };
}
