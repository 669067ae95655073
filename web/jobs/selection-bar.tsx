import { Link } from '@tanstack/react-router';
import type { JobSummary } from '../../client/index.js';
import { countOf } from './many-dialog.js';
import { type Deed, fitting } from './many.js';

interface Given {
  jobs: readonly JobSummary[];
  onAsk(deed: Deed): void;
  onClear(): void;
}

/** What can be done with the jobs that are selected. It stands over the list, which stays where it is. */
export function SelectionBar({ jobs, onAsk, onClear }: Given) {
  if (jobs.length === 0) return null;
  const [open, retryable] = [fitting(jobs, 'cancel'), fitting(jobs, 'retry')];
  return (
    <section className="selection-bar" aria-label="Selected jobs">
      <span role="status">{countOf(jobs)} selected</span>
      <button
        type="button"
        className="button button-danger"
        disabled={open.length === 0}
        onClick={() => onAsk('cancel')}
      >
        Cancel {open.length}
      </button>
      <button
        type="button"
        className="button"
        disabled={retryable.length === 0}
        onClick={() => onAsk('retry')}
      >
        Retry {retryable.length}
      </button>
      {jobs.length === 2 && (
        <Link to="/compare" search={{ jobs: jobs.map(({ id }) => id).join(',') }} className="button">
          Side by side
        </Link>
      )}
      <button type="button" className="button" onClick={onClear}>
        Clear
      </button>
    </section>
  );
}
