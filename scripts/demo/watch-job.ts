import { setTimeout as pause } from 'node:timers/promises';
import { Listr } from 'listr2';
import type { Job, StepView } from '../../job-types/contract/job.js';
import type { ApiClient } from './api.js';
import type { Show } from './show.js';

const pollMs = 250;
/** Of what a step says, on a terminal: the last lines. */
const shownLines = 8;

const ended: ReadonlySet<StepView['status']> = new Set(['succeeded', 'failed', 'cancelled']);

/** What a step is doing, in one line. */
function stepLine(job: Job, step: StepView, { said }: Show): string {
  const isWriting = said(textOf(job, step)).length > 0;
  const parts = [
    step.attempt !== null && step.attempt > 1 ? `attempt ${step.attempt}` : '',
    // Who sees what is said need not be told how much it is.
    step.total && !isWriting ? `${step.done ?? 0} of ${step.total}` : '',
    step.status === 'retrying' && step.nextRetryAt
      ? `next try at ${new Date(step.nextRetryAt).toLocaleTimeString()}`
      : '',
    step.status === 'running' && !isWriting ? job.progress.message : '',
    step.status === 'retrying' || (step.attempt ?? 1) > 1 ? (step.lastFailure?.detail ?? '') : '',
    job.stalled ? `no worker takes it since ${new Date(job.stalled.since).toLocaleTimeString()}` : '',
  ];
  return parts.filter(Boolean).join(' · ');
}

const textOf = ({ output }: Job, { name }: StepView): string =>
  output?.step === name ? (output.text ?? '') : '';

/** A job as it was last seen, read again as long as somebody watches. */
export class Watch {
  private readonly lines: string[] = [];
  private shown = { attempt: null as number | null, text: '', lines: 0 };
  private said = '';

  constructor(
    private readonly api: ApiClient,
    private readonly show: Show,
    public job: Job,
  ) {}

  /** Shows a line at once, below the step that is under way. */
  readonly tell = (line: string): void => void this.lines.push(line);

  async next(): Promise<Job> {
    await pause(pollMs);
    this.job = await this.api.job(this.job.id);
    return this.job;
  }

  /** What there is to say of a step that has not been said. */
  news(step: StepView): string[] {
    const line = stepLine(this.job, step, this.show);
    const news = line && line !== this.said ? [line] : [];
    this.said = line || this.said;
    return [...news, ...this.newLines(step), ...this.lines.splice(0)];
  }

  private newLines(step: StepView): string[] {
    const { output } = this.job;
    if (output?.step !== step.name) return [];
    const text = output.text ?? '';
    // Another attempt begins anew, and so does another item.
    if (output.attempt !== this.shown.attempt || !text.startsWith(this.shown.text))
      this.shown = { attempt: output.attempt, text, lines: 0 };
    this.shown.text = text;
    const lines = this.show.said(text).slice(this.shown.lines);
    this.shown.lines += lines.length;
    return lines;
  }
}

/** Shows the steps of a job live, or as plain lines when the output is not a terminal, and resolves with its end. */
export async function watchJob(watch: Watch): Promise<Job> {
  const list = new Listr(
    watch.job.steps.map(({ name, title }) => ({
      title,
      task: async (_: unknown, task: { title: string; output: string | undefined }) => {
        for (let { job } = watch; ; job = await watch.next()) {
          const step = job.steps.find((one) => one.name === name);
          if (!step) return;
          for (const line of watch.news(step)) task.output = line;
          if (ended.has(step.status) || job.done) {
            task.title = titleAtEnd(title, step);
            if (step.status !== 'succeeded') throw new Error(step.lastFailure?.detail ?? step.status);
            return;
          }
        }
      },
      rendererOptions: { outputBar: shownLines },
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
