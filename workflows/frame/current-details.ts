import { setCurrentDetails } from '@temporalio/workflow';
import type { StepStatus } from '../../job-types/contract/job.js';
import type { JobSnapshot } from '../../job-types/contract/outcome.js';

const marks: Record<StepStatus, string> = {
  pending: '·',
  running: '▶',
  retrying: '↻',
  paused: '‖',
  succeeded: '✓',
  failed: '✗',
  cancelled: '◼',
};

/** Shows the run to a person who looks at it in the Temporal UI. */
export function showDetails(snapshot: JobSnapshot, status: string): void {
  const waits = snapshot.waitingFor.map(
    ({ name, expiresAt }) => `- a person to answer **${name}**, until ${expiresAt}`,
  );
  setCurrentDetails(inMarkdown(snapshot, { status: waits.length > 0 ? 'waiting' : status, waits }));
}

/** The same before the first step, while the job waits for its turn. */
export function showQueued(snapshot: JobSnapshot, key: string): void {
  // Which job that is changes without a word to this one; the failures of its pending activity name it.
  const waits = [`- the job that holds the concurrency key **${key}**`];
  setCurrentDetails(inMarkdown(snapshot, { status: 'queued', waits }));
}

function inMarkdown(snapshot: JobSnapshot, { status, waits }: { status: string; waits: string[] }): string {
  const steps = snapshot.steps.map(({ name, status: step, failure, notes, counts }) => {
    const remarks = [failure?.detail, ...notes].filter(Boolean).map((remark) => `. ${remark}`);
    return `- ${marks[step]} **${name}** ${step}${counts ? `: ${counts}` : ''}${remarks.join('')}`;
  });
  const usage = snapshot.usage
    ? [`\nTokens: ${snapshot.usage.inputTokens} in, ${snapshot.usage.outputTokens} out`]
    : [];
  const waitsFor = waits.length > 0 ? ['Waits for', ...waits, ''] : [];
  return [`**${status}**`, '', ...waitsFor, ...steps, ...usage].join('\n');
}
