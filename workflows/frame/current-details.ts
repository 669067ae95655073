import { setCurrentDetails } from '@temporalio/workflow';
import type { StepStatus } from '../../job-types/contract/job.js';
import type { JobSnapshot } from '../../job-types/contract/outcome.js';

const marks: Record<StepStatus, string> = {
  pending: '·',
  running: '▶',
  retrying: '↻',
  succeeded: '✓',
  failed: '✗',
  cancelled: '◼',
};

/** Shows the run to a person who looks at it in the Temporal UI. */
export function showDetails(snapshot: JobSnapshot, status: string): void {
  setCurrentDetails(inMarkdown(snapshot, status));
}

function inMarkdown(snapshot: JobSnapshot, status: string): string {
  const steps = snapshot.steps.map(({ name, status: step, failure, notes, counts }) => {
    const remarks = [failure?.detail, ...notes].filter(Boolean).map((remark) => `. ${remark}`);
    return `- ${marks[step]} **${name}** ${step}${counts ? `: ${counts}` : ''}${remarks.join('')}`;
  });
  const usage = snapshot.usage
    ? [`\nTokens: ${snapshot.usage.inputTokens} in, ${snapshot.usage.outputTokens} out`]
    : [];
  return [`**${status}**`, '', ...steps, ...usage].join('\n');
}
