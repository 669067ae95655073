import type { Call, Event, Job, JobSummary, JobType, Step, Usage } from '../../client/index.js';
import { jobTypes } from '../../job-types/index.js';

/** Of the jobs that are made up: one moment for all, so that pictures of them are alike. */
export const madeUpAt = Date.now();

const ago = (seconds: number): string => new Date(madeUpAt - seconds * 1_000).toISOString();

const usageOf = (more: Partial<Usage> = {}): Usage => ({
  inputTokens: 1_840,
  cachedInputTokens: 640,
  outputTokens: 912,
  reasoningTokens: 128,
  costUsd: 0.0124,
  wastedUsd: 0,
  savedUsd: 0,
  estimated: false,
  ...more,
});

const stepOf = (name: string, more: Partial<Step> = {}): Step => ({
  name,
  title: name,
  status: 'pending',
  attempt: null,
  maxAttempts: 5,
  lastFailure: null,
  nextRetryAt: null,
  startedAt: null,
  finishedAt: null,
  done: null,
  failed: null,
  total: null,
  failures: [],
  reused: false,
  notes: [],
  ...more,
});

/** A job that was never run: as much of one as a page needs. */
export function madeUpJob(id: string, more: Partial<Job> = {}): Job {
  const done = ['succeeded', 'failed', 'cancelled', 'terminated', 'timed_out'].includes(
    more.status ?? 'running',
  );
  return {
    id,
    type: 'extractArticle',
    owner: 'default',
    status: 'running',
    done,
    partial: false,
    createdAt: ago(140),
    startedAt: ago(139),
    finishedAt: done ? ago(20) : null,
    stalled: null,
    progress: {
      percent: done ? 100 : 45,
      step: 'extract',
      stepIndex: 1,
      stepCount: 3,
      message: done ? 'Finished; the result is there.' : '12 words so far',
      source: 'live',
    },
    steps: [
      stepOf('fetch', { title: 'Fetch the article', status: 'succeeded', attempt: 1 }),
      stepOf('extract', { title: 'Choose words', status: done ? 'succeeded' : 'running', attempt: 1 }),
      stepOf('save', { title: 'Save the words', status: done ? 'succeeded' : 'pending' }),
    ],
    output: null,
    budget: null,
    usage: usageOf(),
    waitingFor: [],
    answers: [],
    result: null,
    failure: null,
    cancel: null,
    submittedBy: null,
    retryOf: null,
    rerunOf: null,
    forkOf: null,
    concurrencyKey: null,
    tags: [],
    metadata: {},
    links: { self: `/v1/jobs/${id}`, events: null, result: null, cancel: null, temporalUi: null },
    ...more,
  };
}

export const summaryOf = (job: Job, subject: string | null): JobSummary => ({
  id: job.id,
  type: job.type,
  status: job.done ? job.status : 'running',
  done: job.done,
  subject,
  tags: job.tags,
  createdAt: job.createdAt,
  finishedAt: job.finishedAt,
  step: job.progress.step,
  progress: { percent: job.progress.percent, message: job.progress.message },
  usage: job.usage,
  links: { self: `/v1/jobs/${job.id}` },
});

/** Those that run here. While one is being added, the client does not know its name yet. */
type MadeUpType = Omit<JobType, 'name'> & { name: string };

export const madeUpTypes = (): MadeUpType[] =>
  Object.values(jobTypes).map(({ name, title, description, steps }) => ({
    name,
    title,
    description,
    steps: steps.map((step) => ({ ...step })),
    input: { type: 'object', properties: {} },
    result: {},
    needsModel: false,
    service: null,
    example: {},
  }));

export const madeUpCall = (id: string, more: Partial<Call> = {}): Call => ({
  id,
  step: 'extract',
  item: null,
  attempt: 1,
  model: 'openai/gpt-5-mini',
  prompt: 'choose-words@1f3a90c2',
  providerId: null,
  answeredBy: 'gpt-5-mini-2025-08-07',
  startedAt: ago(120),
  firstTokenAfter: 0.62,
  settledAt: ago(100),
  inputTokens: 1_840,
  cachedInputTokens: 640,
  outputTokens: 912,
  reasoningTokens: 128,
  audioSeconds: null,
  costUsd: 0.0124,
  savedUsd: null,
  outcome: 'answered',
  failureCode: null,
  estimated: false,
  ...more,
});

export const madeUpEvent = (seq: number, more: Partial<Event> = {}): Event => ({
  seq,
  type: 'job.progress',
  time: new Date().toISOString(),
  step: null,
  item: null,
  attempt: null,
  data: {},
  ...more,
});
