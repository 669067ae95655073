import type { Job, JobStatus } from '../../../job-types/contract/job.js';
import type { RunWorkbookPlanResult } from '../../../job-types/run-workbook-plan.js';
import type { ChatJob } from '../../../store/workbook-records.js';
import { whyFailed } from '../own-job.js';
import { type JobWord, type StepDone, type WorkflowStatus, downloadUrl, fileOf } from './views.js';

/** What that system calls the states of a job. */
const words: Readonly<Record<JobStatus, JobWord>> = {
  scheduled: 'pending',
  queued: 'pending',
  running: 'running',
  waiting: 'pending',
  cancelling: 'running',
  succeeded: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  terminated: 'failed',
  timed_out: 'failed',
};

const runOf = ({ steps }: Job) => steps.find(({ name }) => name === 'run');

const resultOf = ({ result }: Job): RunWorkbookPlanResult | null => result as RunWorkbookPlanResult | null;

/** A plan that was declined was never run. */
export function wordOf(job: Job): JobWord {
  if (resultOf(job)?.decision === 'declined') return 'cancelled';
  const word = words[job.status];
  return word === 'running' && job.status === 'running' && runOf(job)?.startedAt === null ? 'pending' : word;
}

const stepsOf = (chat: string, { steps }: RunWorkbookPlanResult): StepDone[] =>
  steps.map(({ step, operation, name }) => ({
    step_id: `step-${step}`,
    operation,
    status: 'completed',
    output_file: name,
    download_url: downloadUrl(chat, name),
  }));

/** What is said of a plan that has been run. */
export function sayDone({ steps }: RunWorkbookPlanResult): string {
  const last = steps.at(-1);
  const notes = steps.flatMap((step) => step.notes);
  return [
    `Done: ${steps.length} of ${steps.length} steps.`,
    last ? `The result is ${last.name}.` : '',
    ...notes,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

export function toStatus(job: Job, { chat, created_at, confirmed_at }: ChatJob): WorkflowStatus {
  const status = wordOf(job);
  const result = resultOf(job);
  const last = result?.steps.at(-1);
  return {
    job_id: job.id,
    status,
    submitted_at: (confirmed_at ?? created_at).toISOString(),
    started_at: runOf(job)?.startedAt ?? null,
    completed_at: job.finishedAt,
    result:
      status === 'completed' && result
        ? {
            bot_response: sayDone(result),
            output_files: last ? [fileOf(chat, last.name)] : [],
            results: stepsOf(chat, result),
          }
        : null,
    error: status === 'failed' ? whyFailed(job) : null,
  };
}
