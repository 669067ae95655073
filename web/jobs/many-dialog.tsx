import { useState } from 'react';
import type { JobSummary } from '../../client/index.js';
import { ConfirmDialog } from '../shared/confirm-dialog.js';
import { type Deed, doToMany, type Outcome } from './many.js';

interface Given {
  jobs: readonly JobSummary[];
  deed: Deed;
  onClose(): void;
  /** Called when it was done to all of them. */
  onDone(): void;
}

export const countOf = (jobs: readonly JobSummary[]): string =>
  jobs.length === 1 ? '1 job' : `${jobs.length} jobs`;

const says = {
  cancel: {
    act: 'Cancel',
    what: 'Their models are cut off, and what they have said so far is kept. What was spent is spent.',
  },
  retry: {
    act: 'Retry',
    what: 'Each becomes a new job. Steps that were done are reused, and not paid again.',
  },
} as const;

/** Jobs that are named before the rest of them is counted. */
const mostNamed = 5;

/** Asks how many are meant before it happens to all of them. */
export function ManyDialog({ jobs, deed, onClose, onDone }: Given) {
  const [done, setDone] = useState<number | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const { act, what } = says[deed];
  const confirm = () => {
    setDone(0);
    void doToMany(jobs, { deed, onDone: setDone }).then((told) => {
      setDone(null);
      setOutcome(told);
      if (told.refused.length === 0) onDone();
    });
  };
  return (
    <ConfirmDialog
      title={`${act} ${countOf(jobs)}?`}
      act={`${act} ${countOf(jobs)}`}
      danger={deed === 'cancel'}
      busy={done !== null}
      onConfirm={confirm}
      onClose={onClose}
    >
      <ul className="named">
        {jobs.slice(0, mostNamed).map(({ id, subject }) => (
          <li key={id}>{subject ?? id}</li>
        ))}
        {jobs.length > mostNamed && <li className="quiet">and {jobs.length - mostNamed} more</li>}
      </ul>
      <p>{what}</p>
      {done !== null && (
        <p role="status">
          {done} of {jobs.length}
        </p>
      )}
      {outcome !== null && outcome.refused.length > 0 && (
        <div className="note note-bad" role="alert">
          <p className="note-title">
            {outcome.refused.length} of {jobs.length} were refused
          </p>
          <ul>
            {outcome.refused.slice(0, mostNamed).map(({ job, why }) => (
              <li key={job.id}>
                {job.subject ?? job.id}: {why}
              </li>
            ))}
          </ul>
        </div>
      )}
    </ConfirmDialog>
  );
}
