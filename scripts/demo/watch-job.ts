import { setTimeout as pause } from 'node:timers/promises';
import { Listr } from 'listr2';
import type { Job, StepView } from '../../job-types/contract/job.js';
import type { ApiClient } from './api.js';

const pollMs = 250;

/** What a step is doing, in one line. */
function stepLine(job: Job, step: StepView): string {
  const parts = [
    step.attempt !== null && step.attempt > 1 ? `attempt ${step.attempt}` : '',
    step.total ? `${step.done ?? 0} of ${step.total}` : '',
    step.status === 'retrying' && step.nextRetryAt
      ? `next try at ${new Date(step.nextRetryAt).toLocaleTimeString()}`
      : '',
    step.status === 'running' ? job.progress.message : '',
    step.status === 'retrying' || (step.attempt ?? 1) > 1 ? (step.lastFailure?.detail ?? '') : '',
    job.stalled ? `no worker takes it since ${new Date(job.stalled.since).toLocaleTimeString()}` : '',
  ];
  return parts.filter(Boolean).join(' · ');
}

const ended: ReadonlySet<StepView['status']> = new Set(['succeeded', 'failed', 'cancelled']);

/** A job as it was last seen, read again as long as somebody watches. */
class Watch {
  constructor(
    private readonly api: ApiClient,
    public job: Job,
  ) {}

  async next(): Promise<Job> {
    await pause(pollMs);
    this.job = await this.api.job(this.job.id);
    return this.job;
  }
}

/** Shows the steps of a job live, or as plain lines when the output is not a terminal, and resolves with its end. */
export async function watchJob(api: ApiClient, submitted: Job): Promise<Job> {
  const watch = new Watch(api, submitted);
  const list = new Listr(
    submitted.steps.map(({ name, title }) => ({
      title,
      task: async (_: unknown, task: { title: string; output: string | undefined }) => {
        let said = '';
        for (let job = watch.job; ; job = await watch.next()) {
          const step = job.steps.find((one) => one.name === name);
          if (!step) return;
          const line = stepLine(job, step);
          if (line && line !== said) task.output = said = line;
          if (ended.has(step.status) || job.done) {
            task.title = titleAtEnd(title, step);
            if (step.status !== 'succeeded') throw new Error(step.lastFailure?.detail ?? step.status);
            return;
          }
        }
      },
    })),
    {
      exitOnError: true,
      // A Ctrl-C also has to end what the demo has started.
      registerSignalListeners: false,
      fallbackRenderer: 'simple',
      fallbackRendererCondition: () => !process.stdout.isTTY,
      rendererOptions: { collapseErrors: false },
    },
  );
  try {
    await list.run();
  } catch {
    // The list shows it; the job itself tells it to the caller.
  }
  while (!watch.job.done) await watch.next();
  return watch.job;
}

function titleAtEnd(title: string, step: StepView): string {
  const notes = step.notes.length > 0 ? ` (${step.notes.join(' ')})` : '';
  const attempts = (step.attempt ?? 1) > 1 ? ` [attempt ${step.attempt}]` : '';
  return `${title}${attempts}${notes}`;
}
