import type { Job } from '../../client/index.js';
import { useNow } from '../shared/now.js';
import { count, duration, money } from '../shared/shown.js';

/** What came of a cancel: what had been spent by then, and what is kept. */
export function CancelLine({ job }: { job: Job }) {
  const now = useNow();
  const { cancel, usage, output } = job;
  if (cancel === null) return null;
  if (!job.done) {
    const left = cancel.deadline === null ? null : Math.ceil((Date.parse(cancel.deadline) - now) / 1000);
    return (
      <p className="note" role="status">
        It was asked to stop{cancel.reason ? ` (${cancel.reason})` : ''}.
        {left !== null && left > 0 && ` If it has not stopped in ${duration(left)}, it is ended by force.`}
      </p>
    );
  }
  if (job.status !== 'cancelled' && job.status !== 'terminated') return null;
  const spent = usage
    ? ` after ${count(usage.outputTokens)} tokens, ${money(usage.costUsd)}`
    : ' before any call';
  return (
    <p className="note" role="status">
      Stopped{spent}
      {output && output.text !== '' ? ', text kept' : ''}
      {cancel.escalated ? ', by force' : ''}.
    </p>
  );
}
