import type { Job } from '../../job-types/contract/job.js';
import type { ActName } from './acts.js';
import type { Scene } from './scene.js';
import type { Show } from './show.js';

export interface ReportOptions {
  act: ActName;
  show: Show;
  scene: Scene | null;
  /** Columns of the terminal. */
  width: number;
  say(line: string): void;
}

/** What came of a job, in lines for a person. */
export function report(job: Job, { act, show, scene, width, say }: ReportOptions): void {
  if (act === 'cancel' && job.status === 'cancelled') {
    const count = show.said(job.output?.text ?? '').length;
    const saved = job.steps.find(({ name }) => name === 'save')?.startedAt ?? null;
    say(
      `\nThe job reads cancelled ("${job.cancel?.reason}"). What the model had said is kept in "output": ` +
        `${count} ${show.lines}. ${saved === null ? 'Nothing was saved.' : 'It was saved all the same.'}`,
    );
    return;
  }
  if (job.status !== 'succeeded') {
    say(`\nThe job ended ${job.status}. ${job.failure?.detail ?? ''}`);
    return;
  }
  show.report(job, { width, say });
  if (act === 'crash' && scene) sayWhatACrashCost(job, { show, scene, say });
}

function sayWhatACrashCost(
  job: Job,
  { show, scene, say }: { show: Show; scene: Scene; say(line: string): void },
): void {
  const attempt = job.steps.find(({ name }) => name === show.asks)?.attempt;
  const cut = scene.models.calls.filter(({ finished }) => !finished).length;
  const saves = show.savedOnce(job) ? 'once' : 'more than once';
  say(
    `The worker was killed in the middle of the model's answer. The model was asked ${scene.models.calls.length} times ` +
      `(${cut} answer cut off by the crash); attempt ${attempt} succeeded, and ${show.saved} ${saves}.`,
  );
}
