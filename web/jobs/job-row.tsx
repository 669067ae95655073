import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { memo, useCallback, useContext } from 'react';
import type { Job, JobSummary } from '../../client/index.js';
import { jobQuery } from '../api/queries.js';
import { readNow } from '../api/read-again.js';
import { LookAgain } from '../job/look-again.js';
import type { ColumnName } from './columns.js';
import { InSight } from './in-sight.js';
import { cells } from './job-cells.js';

interface Given {
  summary: JobSummary;
  title: string;
  columns: readonly ColumnName[];
  onCancel(id: string): void;
}

interface GivenRow extends Given {
  selected: boolean;
  /** Whether it has been in sight. */
  seen: boolean;
  onSelect(id: string): void;
}

/** Ended jobs whose sentence only the job itself has. */
const unhappy: ReadonlySet<JobSummary['status']> = new Set(['failed', 'cancelled', 'timed_out']);

const nameOf = ({ summary, title }: Given): string => summary.subject ?? title;

/** One job of the list. What the list cannot tell is read from the job itself, once it is in sight. */
export const JobRow = memo(function JobRow({ selected, seen, onSelect, ...given }: GivenRow) {
  const { summary } = given;
  const says = !summary.done || unhappy.has(summary.status);
  const { data: job } = useQuery({ ...jobQuery(summary.id), enabled: seen && says });
  const done = job?.done ?? summary.done;
  return (
    <tr
      className={['job-row', !done && 'job-row-open', selected && 'job-row-selected']
        .filter(Boolean)
        .join(' ')}
    >
      <td className="cell-select">
        <input
          type="checkbox"
          aria-label={`Select ${nameOf(given)}`}
          checked={selected}
          onChange={() => onSelect(summary.id)}
        />
      </td>
      <JobCells job={job} {...given} />
      {job && !done && <Quiet job={job} />}
    </tr>
  );
});

/** By itself, so that a thousand rows can be selected at once without being drawn anew. */
const JobCells = memo(function JobCells({ job, ...given }: Given & { job: Job | undefined }) {
  const { summary, title, columns, onCancel } = given;
  const name = nameOf(given);
  const status = job?.status ?? summary.status;
  const usage = job?.usage ?? summary.usage;
  const seenJob = { summary, job, status, usage, name, onCancel };
  const { status: statusCell, ...others } = cells;
  return (
    <>
      {columns.includes('status') && <td className="cell-status">{statusCell(seenJob)}</td>}
      <td className="cell-job">
        <Link to="/jobs/$id" params={{ id: summary.id }} data-job={summary.id} className="job-link">
          {name}
        </Link>
        <span className="quiet">{title}</span>
      </td>
      {columns.map((column) => {
        if (column === 'status') return null;
        const Cell = others[column];
        return <Cell key={column} {...seenJob} />;
      })}
    </>
  );
});

/** A job is read again that nothing is told of while somebody looks at its row: no worker may be there any more. */
function Quiet({ job }: { job: Job }) {
  // Another one with each change of the job, with which the silence begins again.
  const look = useCallback(() => readNow(job.id), [job]);
  return useContext(InSight) ? <LookAgain look={look} /> : null;
}
