import { useQuery } from '@tanstack/react-query';
import type { Call, Job } from '../../client/index.js';
import { callsQuery } from '../api/queries.js';
import { money } from '../shared/shown.js';

/** What the answers of a step have cost, whoever paid for them; null where a price is missing. */
function costOf(calls: readonly Call[], step: string): number | null {
  const used = calls.filter(
    (call) => call.step === step && ['answered', 'reused'].includes(call.outcome ?? ''),
  );
  const costs = used.map(({ outcome, costUsd, savedUsd }) => (outcome === 'reused' ? savedUsd : costUsd));
  return costs.some((cost) => cost === null)
    ? null
    : costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0);
}

/** The steps that a new job takes over from this one, and what that saves. */
export function ReusedSteps({ job, steps }: { job: Job; steps: Job['steps'] }) {
  const { data } = useQuery({ ...callsQuery(job.id), enabled: job.usage !== null });
  if (steps.length === 0) return <p>Nothing is reused: a new job does all of it.</p>;
  // A ledger of several pages is not summed up by its first.
  const calls = data?.nextPageToken === null ? data.items : job.usage === null ? [] : null;
  const costs = steps.map(({ name }) => (calls === null ? null : costOf(calls, name)));
  const total = costs.some((cost) => cost === null) ? null : costs.reduce<number>((a, b) => a + (b ?? 0), 0);
  return (
    <>
      <p>Reused, and not done or paid again:</p>
      <ul className="reused">
        {steps.map(({ name, title, done }, index) => (
          <li key={name}>
            <span>
              {title}
              {done === null ? '' : `, ${done} items`}
            </span>
            <span className="number quiet">{money(costs[index])}</span>
          </li>
        ))}
      </ul>
      <p className="saves">
        Saves <strong>{money(total)}</strong>
        {total === null && ', whose amount is not known'}
      </p>
    </>
  );
}
