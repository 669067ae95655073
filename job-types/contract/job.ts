import { z } from 'zod';
import { Budget } from './budget.js';
import { Failure } from './failure.js';

export const finalStatuses = ['succeeded', 'failed', 'cancelled', 'terminated', 'timed_out'] as const;
export const openStatuses = ['scheduled', 'queued', 'running', 'waiting', 'cancelling'] as const;

export const JobStatus = z.enum([...openStatuses, ...finalStatuses]);
export type JobStatus = z.infer<typeof JobStatus>;
export type FinalStatus = (typeof finalStatuses)[number];

export const isFinal = (status: JobStatus): status is FinalStatus =>
  (finalStatuses as readonly string[]).includes(status);

const time = z.iso.datetime();

export const StepStatus = z.enum([
  'pending',
  'running',
  'retrying',
  'paused',
  'succeeded',
  'failed',
  'cancelled',
]);
export type StepStatus = z.infer<typeof StepStatus>;

export const StepView = z
  .object({
    name: z.string(),
    title: z.string(),
    status: StepStatus,
    attempt: z.int().nullable().meta({ description: 'The running or last attempt, from 1' }),
    maxAttempts: z.int().nullable().meta({ description: 'Null when only time limits the attempts' }),
    lastFailure: Failure.nullable(),
    nextRetryAt: time.nullable(),
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    done: z
      .number()
      .nullable()
      .meta({ description: 'Of a step that is done for several items: those that succeeded' }),
    failed: z
      .int()
      .nullable()
      .meta({ description: 'Items that failed for good; null for a step without items' }),
    total: z.number().nullable(),
    failures: z
      .array(Failure)
      .meta({ description: 'Of the items that failed first; GET …/items has them all' }),
    reused: z.boolean().meta({ description: 'Taken from the job this one retries, not done or paid again' }),
    notes: z.array(z.string()).meta({ description: 'What a person should know about how the step went' }),
  })
  .meta({ id: 'Step' });
export type StepView = z.infer<typeof StepView>;

const usd = (description: string) => z.number().nullable().meta({ description });

/** What a job's calls of models have used: the sum of its rows in the ledger. */
export const Usage = z
  .object({
    inputTokens: z.int().meta({ description: 'Cached ones included' }),
    cachedInputTokens: z.int().meta({ description: 'As far as providers say' }),
    outputTokens: z.int().meta({ description: 'Reasoning included' }),
    reasoningTokens: z.int().meta({ description: 'As far as providers say' }),
    costUsd: usd('Null when the price of any of the calls is not known'),
    wastedUsd: usd('Of that, what was paid for and not used; null when a price in it is not known'),
    savedUsd: usd(
      'What answers that were used again have cost the jobs that asked for them; null when one of these is not known',
    ),
    estimated: z
      .boolean()
      .meta({ description: 'Some of it is counted by us, because a provider did not get to say it' }),
  })
  .meta({ id: 'Usage' });
export type Usage = z.infer<typeof Usage>;

export const Output = z
  .object({ text: z.string(), step: z.string(), attempt: z.int() })
  .meta({ id: 'Output', description: 'What a model said before it was stopped, or has said so far' });
export type Output = z.infer<typeof Output>;

/** Who answered what: never the value, which is the workflow's. */
export const GivenAnswer = z
  .object({
    id: z.string(),
    name: z.string(),
    answeredAt: time,
    answeredBy: z
      .string()
      .nullable()
      .meta({ description: 'Public id of the API key; null where no key was needed' }),
  })
  .meta({ id: 'GivenAnswer' });
export type GivenAnswer = z.infer<typeof GivenAnswer>;

/** What a fork was made of, as it was when it began. */
export const Fork = z
  .object({
    job: z.string(),
    fromStep: z.string(),
    reuses: z.array(z.string()).meta({
      description:
        'Steps whose outcome it was given; a step that asks otherwise now is done again all the same',
    }),
    saves: z
      .object({
        inputTokens: z.int(),
        outputTokens: z.int(),
        costUsd: usd('Null when the price of one of the answers is not known'),
      })
      .meta({ description: 'What the answers that it was given have cost: so much it saves at most' }),
  })
  .meta({ id: 'Fork' });
export type Fork = z.infer<typeof Fork>;

export const Job = z
  .object({
    id: z.string(),
    type: z.string(),
    owner: z.string(),
    status: JobStatus,
    done: z.boolean().meta({ description: 'Whether the status is final' }),
    partial: z.boolean().meta({
      description:
        'Whether some of it is missing: items of it failed, or it did not finish and left an output',
    }),
    createdAt: time,
    startedAt: time.nullable().meta({ description: 'When a worker began it' }),
    finishedAt: time.nullable(),
    stalled: z
      .object({ since: time, reason: z.enum(['no-worker', 'workflow-code', 'paused']) })
      .nullable()
      .meta({
        description:
          'Set while the job cannot move: no worker takes it, its workflow code fails, or an operator has paused it',
      }),
    progress: z.object({
      percent: z.int().min(0).max(100),
      step: z.string().nullable(),
      stepIndex: z.int().nullable(),
      stepCount: z.int(),
      message: z.string(),
      source: z.enum(['live', 'snapshot']).meta({
        description: 'live: the worker answered for this state; snapshot: pieced together without it',
      }),
    }),
    steps: z.array(StepView),
    output: Output.nullable(),
    budget: Budget.extend({
      costUsdLeft: z
        .number()
        .nullable()
        .meta({ description: 'Null without maxCostUsd, and when the price of a call is not known' }),
      tokensLeft: z.int().nullable().meta({ description: 'Null without maxTokens' }),
      ended: z.boolean().meta({ description: 'A person has said that no more is spent' }),
    })
      .nullable()
      .meta({
        id: 'JobBudget',
        description: 'As it stands, with what a person has allowed since; null without one',
      }),
    usage: Usage.nullable().meta({ description: 'Null when the job has made no call of a model' }),
    waitingFor: z.array(
      z.object({
        id: z.string().meta({ description: 'Names it to POST …/input beyond doubt' }),
        name: z.string().meta({ description: 'Enough for POST …/input while only one has it' }),
        schema: z.record(z.string(), z.json()).meta({ description: 'JSON Schema of the answer' }),
        data: z
          .json()
          .meta({ description: 'What there is to decide on; null while no worker is there to tell' }),
        expiresAt: time,
      }),
    ),
    answers: z.array(GivenAnswer).meta({ description: 'What people have answered so far, and who' }),
    result: z.json().nullable(),
    failure: Failure.nullable(),
    cancel: z
      .object({
        requestedAt: time.nullable(),
        reason: z.string().nullable(),
        mode: z.enum(['graceful', 'force']).nullable(),
        deadline: time.nullable().meta({
          description: 'When it is ended by force if it has not stopped by then; null: no deadline is armed',
        }),
        escalated: z.boolean().meta({ description: 'The deadline passed, and it was ended by force' }),
        requestedBy: z.string().nullable().meta({ description: 'Public id of the API key that asked' }),
      })
      .nullable()
      .meta({ description: 'What was asked; fields are null when only Temporal knows of the cancel' }),
    submittedBy: z
      .string()
      .nullable()
      .meta({ description: 'Public id of the API key that submitted it; null without keys' }),
    retryOf: z.string().nullable().meta({ description: 'The job this one retries' }),
    rerunOf: z.string().nullable().meta({ description: 'The job this one runs again' }),
    forkOf: Fork.nullable().meta({ description: 'The job this one was forked from' }),
    concurrencyKey: z.string().nullable(),
    tags: z.array(z.string()),
    metadata: z.record(z.string(), z.string()),
    links: z.object({
      self: z.string(),
      events: z.string().nullable(),
      result: z.string().nullable(),
      cancel: z.string().nullable(),
      temporalUi: z.string().nullable(),
    }),
  })
  .meta({ id: 'Job' });
export type Job = z.infer<typeof Job>;
