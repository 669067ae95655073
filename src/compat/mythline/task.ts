import { z } from 'zod';
import type { AskResult } from '../../../job-types/ask.js';
import type { Job, JobStatus } from '../../../job-types/contract/job.js';
import { whyFailed } from '../own-job.js';

export const StartedTask = z.object({ task_id: z.string() }).meta({ id: 'PolledTask' });
export type StartedTask = z.infer<typeof StartedTask>;

const taskWords = ['running', 'completed', 'error', 'cancelled'] as const;

/** What does not apply is left out: the page tells by what is there. */
export const TaskStatus = z
  .object({
    status: z.enum(taskWords),
    progress: z.number().optional().meta({ description: '0 to 100; never falls' }),
    current_step: z.string().optional().meta({ description: 'What is done at present, in a phrase' }),
    step: z.int().optional().meta({ description: 'From 1' }),
    total_steps: z.int().optional(),
    result: z.json().optional().meta({ description: 'Once it is completed' }),
    error: z.string().optional().meta({ description: 'Why it failed, in a sentence' }),
  })
  .meta({ id: 'PolledTaskStatus' });
export type TaskStatus = z.infer<typeof TaskStatus>;

/** What that system calls the states of a job. */
const words: Readonly<Record<JobStatus, TaskStatus['status']>> = {
  scheduled: 'running',
  queued: 'running',
  running: 'running',
  waiting: 'running',
  cancelling: 'running',
  succeeded: 'completed',
  failed: 'error',
  cancelled: 'cancelled',
  terminated: 'error',
  timed_out: 'error',
};

export const wordOf = ({ status }: Job): TaskStatus['status'] => words[status];

/** How a task reads in each state, beside its word. */
const told: Readonly<Record<TaskStatus['status'], (job: Job) => Omit<TaskStatus, 'status'>>> = {
  running: (job) => ({ progress: job.progress.percent, ...whereItIs(job) }),
  completed: ({ type, result }) => ({
    progress: 100,
    // A prompt's answer is its text. Every other type says what its result is.
    result: type === 'ask' ? (result as AskResult).text : result,
  }),
  error: (job) => ({ error: whyFailed(job) }),
  cancelled: () => ({}),
};

/** From the first step on a task is always in one, also where it waits for a person, or stops, between two. */
function whereItIs({ progress, steps }: Job): Pick<TaskStatus, 'current_step' | 'step' | 'total_steps'> {
  const begun = progress.stepIndex !== null || steps.some(({ status }) => status !== 'pending');
  if (!begun) return {};
  const next = steps.findIndex(({ status }) => status === 'pending');
  const index = progress.stepIndex ?? (next === -1 ? steps.length - 1 : next);
  return { current_step: progress.message, step: index + 1, total_steps: progress.stepCount };
}

export function toTaskStatus(job: Job): TaskStatus {
  const status = wordOf(job);
  return { status, ...told[status](job) };
}
