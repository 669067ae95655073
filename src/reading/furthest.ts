import type { Answer } from './entry.js';

/** How far a job was when it was read before. */
export interface Furthest {
  runId: string;
  percent: number;
}

/**
 * The job, no less far than it was. Its log tells of a step sooner than its workflow does, and now the one, now the other is at
 * hand. A run that an operator reset begins again and has another id. An end is the same for everybody who reads it.
 */
export function noLess(answer: Answer, furthest: Furthest | null): Answer {
  const { run, job } = answer;
  if (job.done || furthest?.runId !== run.runId || furthest.percent <= job.progress.percent) return answer;
  return { ...answer, job: { ...job, progress: { ...job.progress, percent: furthest.percent } } };
}

/** What a later answer is held to. */
export const farAs = ({ run, job }: Answer): Furthest => ({
  runId: run.runId,
  percent: job.progress.percent,
});
